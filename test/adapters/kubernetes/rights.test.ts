import { afterEach, expect, test } from 'vitest';

import { kubernetesFormation, type TargetOptions } from '../../../src/adapters/kubernetes/formation.ts';
import { kubernetesPreflight } from '../../../src/adapters/kubernetes/preflight.ts';
import { publishedFormation } from '../../../src/adapters/kubernetes/published-formation.ts';
import { parseTarget } from '../../../src/config/target.ts';
import { Failure } from '../../../src/failure.ts';
import type { Formation, FormationState } from '../../../src/ports/platform.ts';
import type { Kubernetes } from '../../../src/standin/kubernetes/contract.ts';
import { startKubernetes } from '../../../src/standin/kubernetes/kubernetes.ts';
import type { PlatformLogEntry } from '../../../src/standin/request-log.ts';
import { deployedRules, rightText } from '../../support/role.ts';

const NEVER = new AbortController().signal;
const VARIANTS = {
  base: { formationOf: kubernetesFormation, sets: true },
  keda: { formationOf: publishedFormation, sets: false },
} as const;

let kubernetes: Kubernetes | undefined;
afterEach(async () => {
  await kubernetes?.close();
});

async function start(
  kind: 'deployment' | 'statefulset',
  variant: keyof typeof VARIANTS,
): Promise<{ readonly on: Kubernetes; readonly options: TargetOptions }> {
  const target = parseTarget(`${kind}/worker`);
  if (target === undefined) throw new Error('no target');
  const on = await startKubernetes({
    workloads: [{ target: `${kind}/worker`, replicas: 3, spec: { podManagementPolicy: 'Parallel' } }],
    customTypes: [
      {
        group: 'keda.sh',
        version: 'v1alpha1',
        plural: 'scaledobjects',
        kind: 'ScaledObject',
        namespaced: true,
      },
    ],
    rules: deployedRules(variant),
  });
  kubernetes = on;
  const { url: server, token, namespace } = on;
  const targets = new Map([['worker', target]]);
  return { on, options: { credentials: async () => ({ server, token }), namespace, targets } };
}

async function read(formation: Formation): Promise<FormationState> {
  const state = (await formation.read(['worker'], NEVER)).get('worker');
  if (state === undefined || state instanceof Failure) throw state ?? new Error('no state');
  return state;
}

/** Everything that the adapter does with a target, under the Role. Throws where the Role is too narrow for it. */
async function useAll(
  kind: 'deployment' | 'statefulset',
  variant: keyof typeof VARIANTS,
): Promise<Kubernetes> {
  const { on, options } = await start(kind, variant);
  const { formationOf, sets } = VARIANTS[variant];
  const preflight = kubernetesPreflight(options, sets);
  await preflight.read(NEVER);
  expect((await preflight.rights('worker', NEVER)).missing).toEqual([]);
  expect(await preflight.autoscalers('worker', NEVER)).toEqual([]);
  expect(await preflight.graceSeconds('worker', NEVER)).toBe(30);
  expect(await preflight.namesake('worker', NEVER)).toBeUndefined();

  const formation = formationOf(options);
  const { naming } = await read(formation);
  const names = naming.kind === 'listed' ? naming.workers.map(({ name }) => name) : undefined;
  await formation.standstill('worker', NEVER);
  const down = { processType: 'worker', from: 3, to: 2, remove: names?.slice(0, 1) };
  expect(await formation.resize(down, NEVER)).toMatchObject({ kind: sets ? 'resized' : 'published' });
  if (names !== undefined) await formation.unmark('worker', names.slice(1, 2), NEVER);
  on.create({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'few-pods' },
    ...{ spec: { hard: { pods: '3' } } },
  });
  on.setReplicas(`${kind}/worker`, 5);
  expect((await read(formation)).limit).toMatchObject({ kind: 'refused' });
  return on;
}

/** As a Role names it; undefined for a question about the account's own rights, which every account may ask. */
function rightOf({ method, path }: PlatformLogEntry): string | undefined {
  const { pathname } = new URL(path, 'http://cluster.test');
  const [, group = '', resource = '', name, below] =
    /^\/(?:api|apis\/([^/]+))\/[^/]+\/namespaces\/[^/]+\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
      pathname,
    ) ?? [];
  if (resource === '') return undefined;
  const verb = method === 'GET' ? (name === undefined ? 'list' : 'get') : method.toLowerCase();
  const whole = below === undefined ? resource : `${resource}/${below}`;
  return rightText({ apiGroups: [group], resources: [whole], verbs: [verb] });
}

test.each(['base', 'keda'] as const)('the Role of %s grants exactly what is used', async (variant) => {
  const requests: PlatformLogEntry[] = [];
  for (const kind of ['deployment', 'statefulset'] as const) {
    const on = await useAll(kind, variant);
    requests.push(...on.requests);
    await on.close();
  }
  expect(requests.filter(({ status }) => status === 401 || status === 403)).toEqual([]);
  const used = new Set(requests.flatMap((request) => rightOf(request) ?? []));
  expect([...used].toSorted()).toEqual(deployedRules(variant).map(rightText).toSorted());
});
