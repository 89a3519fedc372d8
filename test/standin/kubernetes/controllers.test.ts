import { expect, test } from 'vitest';

import {
  DESIRED_REPLICAS,
  deploymentSizes,
  MAX_REPLICAS,
} from '../../../src/standin/kubernetes/deployment-step.ts';
import type { Pod, Workload } from '../../../src/standin/kubernetes/objects.ts';
import { statefulSetSteps } from '../../../src/standin/kubernetes/stateful-set-step.ts';
import { podOf, workloadOf, type PodShape } from './pods.ts';

type StatefulSetRow = {
  readonly rule: string;
  readonly spec: Partial<Workload['spec']> & { readonly replicas: number };
  readonly pods: Readonly<Record<number, 'ready' | 'unready' | 'going' | 'old' | 'failed'>>;
  readonly steps: readonly string[];
};

const PARALLEL = { podManagementPolicy: 'Parallel' } as const;

const STATEFUL_SETS: readonly StatefulSetRow[] = [
  {
    rule: 'OrderedReady creates the lowest missing ordinal alone',
    spec: { replicas: 3 },
    pods: {},
    steps: ['create 0'],
  },
  {
    rule: 'OrderedReady creates no pod before its predecessor is ready',
    spec: { replicas: 3 },
    pods: { 0: 'unready' },
    steps: [],
  },
  {
    rule: 'OrderedReady deletes the highest ordinal alone',
    spec: { replicas: 1 },
    pods: { 0: 'ready', 1: 'ready', 2: 'ready' },
    steps: ['delete 2 scale-down'],
  },
  {
    rule: 'OrderedReady waits until the pod that goes is gone',
    spec: { replicas: 1 },
    pods: { 0: 'ready', 1: 'ready', 2: 'going' },
    steps: [],
  },
  {
    rule: 'OrderedReady removes nothing while a pod that is to stay is not ready',
    spec: { replicas: 1 },
    pods: { 0: 'unready', 1: 'ready' },
    steps: [],
  },
  {
    rule: 'OrderedReady deletes the highest pod that is not ready if no lower one is',
    spec: { replicas: 1 },
    pods: { 0: 'ready', 1: 'ready', 2: 'unready' },
    steps: ['delete 2 scale-down'],
  },
  {
    rule: 'OrderedReady does not delete the highest pod that is not ready while a lower one is not either',
    spec: { replicas: 1 },
    pods: { 0: 'ready', 1: 'unready', 2: 'unready' },
    steps: [],
  },
  {
    rule: 'Parallel creates every missing pod',
    spec: { replicas: 3, ...PARALLEL },
    pods: { 1: 'unready' },
    steps: ['create 0', 'create 2'],
  },
  {
    rule: 'Parallel deletes every pod above, highest first, whatever is not ready',
    spec: { replicas: 1, ...PARALLEL },
    pods: { 0: 'unready', 1: 'ready', 2: 'ready', 3: 'going' },
    steps: ['delete 2 scale-down', 'delete 1 scale-down'],
  },
  {
    rule: 'ordinals begin at ordinals.start, and what is below goes',
    spec: { replicas: 2, ordinals: { start: 5 } },
    pods: { 0: 'ready', 5: 'ready', 6: 'ready' },
    steps: ['delete 0 scale-down'],
  },
  {
    rule: 'an update replaces the highest ordinal first, one at a time',
    spec: { replicas: 3 },
    pods: { 0: 'old', 1: 'old', 2: 'old' },
    steps: ['delete 2 rollout'],
  },
  {
    rule: 'an update waits for the pod that it replaced',
    spec: { replicas: 3, ...PARALLEL },
    pods: { 0: 'old', 1: 'old', 2: 'unready' },
    steps: [],
  },
  {
    rule: 'an update stops at the partition',
    spec: { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
    pods: { 0: 'old', 1: 'old', 2: 'ready' },
    steps: [],
  },
  {
    rule: 'an update by OnDelete replaces nothing',
    spec: { replicas: 1, updateStrategy: { type: 'OnDelete' } },
    pods: { 0: 'old' },
    steps: [],
  },
  {
    rule: 'a pod that failed is deleted, so that it is created again',
    spec: { replicas: 1 },
    pods: { 0: 'failed' },
    steps: ['delete 0 deletion'],
  },
];

const SHAPES: Readonly<Record<StatefulSetRow['pods'][number], Omit<PodShape, 'uid'>>> = {
  ready: {},
  unready: { readyAt: undefined },
  going: { terminating: true },
  old: { labels: { 'controller-revision-hash': 'old' } },
  failed: { phase: 'Failed', readyAt: undefined },
};

test.each(STATEFUL_SETS)('StatefulSet: $rule', ({ spec, pods, steps }) => {
  const made = Object.entries(pods).map(([ordinal, state]): Pod =>
    podOf({
      labels: { 'controller-revision-hash': 'new' },
      ...SHAPES[state],
      uid: ordinal,
      name: `web-${ordinal}`,
    }),
  );
  const taken = statefulSetSteps(workloadOf('web', spec), made, { current: 'old', update: 'new' });
  expect(
    taken.map((step) =>
      step.kind === 'create' ? `create ${step.ordinal}` : `delete ${step.pod.metadata.uid} ${step.because}`,
    ),
  ).toEqual(steps);
});

type DeploymentRow = {
  readonly rule: string;
  readonly spec: Partial<Workload['spec']> & { readonly replicas: number };
  /** Replicas and available ones; `scaledFor`: what the Deployment had when they were last scaled. */
  readonly fresh: readonly [replicas: number, available: number];
  readonly old: readonly (readonly [replicas: number, available: number])[];
  readonly scaledFor?: number;
  readonly leftovers?: number;
  readonly sizes: Readonly<Record<string, number>>;
};

const ABSOLUTE = { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } } as const;
const RECREATE = { strategy: { type: 'Recreate' } } as const;

const DEPLOYMENTS: readonly DeploymentRow[] = [
  {
    rule: 'the only ReplicaSet gets all replicas',
    spec: { replicas: 4 },
    fresh: [0, 0],
    old: [],
    sizes: { fresh: 4 },
  },
  {
    rule: 'a change of replicas without a rollout goes to the only ReplicaSet',
    spec: { replicas: 2 },
    fresh: [4, 4],
    old: [[0, 0]],
    scaledFor: 4,
    sizes: { fresh: 2 },
  },
  {
    rule: 'a rollout adds pods up to maxSurge, rounded up',
    spec: { replicas: 5 },
    fresh: [0, 0],
    old: [[5, 5]],
    sizes: { fresh: 2 },
  },
  {
    rule: 'a rollout removes old pods down to maxUnavailable, rounded down',
    spec: { replicas: 5 },
    fresh: [2, 0],
    old: [[5, 5]],
    sizes: { old0: 4 },
  },
  {
    rule: 'a rollout with maxUnavailable 0 waits until a new pod is available',
    spec: { replicas: 3, ...ABSOLUTE },
    fresh: [1, 0],
    old: [[3, 3]],
    sizes: {},
  },
  {
    rule: 'a rollout with maxUnavailable 0 removes an old pod for each that is available',
    spec: { replicas: 3, ...ABSOLUTE },
    fresh: [1, 1],
    old: [[3, 3]],
    sizes: { old0: 2 },
  },
  {
    rule: 'a rollout removes old pods that are not available first',
    spec: { replicas: 4, ...ABSOLUTE },
    fresh: [1, 1],
    old: [
      [2, 2],
      [2, 1],
    ],
    sizes: { old1: 1 },
  },
  {
    rule: 'a scale-down in a rollout is shared out over both ReplicaSets, the larger first',
    spec: { replicas: 5, ...ABSOLUTE },
    fresh: [3, 3],
    old: [[8, 8]],
    scaledFor: 10,
    sizes: { fresh: 2, old0: 4 },
  },
  {
    rule: 'a scale-up in a rollout is shared out, too',
    spec: { replicas: 20, ...ABSOLUTE },
    fresh: [3, 3],
    old: [[8, 8]],
    scaledFor: 10,
    sizes: { fresh: 6, old0: 15 },
  },
  {
    rule: 'scaling to 0 in a rollout empties both',
    spec: { replicas: 0, ...ABSOLUTE },
    fresh: [3, 3],
    old: [[8, 8]],
    scaledFor: 10,
    sizes: { fresh: 0, old0: 0 },
  },
  {
    rule: 'a paused rollout goes no further',
    spec: { replicas: 5, paused: true },
    fresh: [2, 2],
    old: [[5, 5]],
    sizes: { fresh: 2, old0: 5 },
  },
  {
    rule: 'Recreate first removes the old pods',
    spec: { replicas: 3, ...RECREATE },
    fresh: [0, 0],
    old: [[3, 3]],
    sizes: { old0: 0 },
  },
  {
    rule: 'Recreate waits until the old pods are gone',
    spec: { replicas: 3, ...RECREATE },
    fresh: [0, 0],
    old: [[0, 0]],
    leftovers: 1,
    sizes: {},
  },
];

test.each(DEPLOYMENTS)('Deployment: $rule', ({ spec, fresh, old, scaledFor, leftovers = 0, sizes }) => {
  const desired = scaledFor ?? spec.replicas;
  const surge = spec.strategy?.rollingUpdate?.maxSurge ?? Math.ceil(desired / 4);
  const annotations = {
    [DESIRED_REPLICAS]: String(desired),
    [MAX_REPLICAS]: String(desired + Number(surge)),
  };
  const setOf = (
    name: string,
    [replicas, available]: readonly [number, number],
    createdAt: number,
  ): Workload => workloadOf(name, { replicas }, { available, createdAt, annotations });
  const next = deploymentSizes(
    workloadOf('web', spec),
    {
      fresh: setOf('fresh', fresh, 9000),
      old: old.map((each, index) => setOf(`old${index}`, each, index * 1000)),
    },
    leftovers,
  );
  expect(Object.fromEntries(next)).toEqual(sizes);
});
