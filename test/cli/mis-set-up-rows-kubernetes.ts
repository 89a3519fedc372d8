import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Manifest } from '../../src/standin/kubernetes/manifest.ts';
import type { Kubernetes, KubernetesOptions } from '../../src/standin/kubernetes/contract.ts';
import { startKubernetes } from '../../src/standin/kubernetes/kubernetes.ts';
import { deployedRules, rightText } from '../support/role.ts';
import type { Env, MisSetUp, SetUp } from './mis-set-ups.ts';

const APP = 'default/worker';
const SCALED_OBJECTS = {
  group: 'keda.sh',
  version: 'v1alpha1',
  plural: 'scaledobjects',
  kind: 'ScaledObject',
  namespaced: true,
};

type Facts = Partial<KubernetesOptions> & {
  /** A right of the Role that is not granted, such as `patch pods`. */
  readonly without?: string;
  readonly replicas?: number;
  readonly graceSeconds?: number;
  /** Default: workers report, as cooperating ones do. */
  readonly cooperate?: boolean;
  readonly autoscalers?: readonly Manifest[];
};

/** A Deployment in a cluster, with the Role of deploy/kubernetes, its pods with cooperating workers, and nothing wrong. */
export async function clusterFor(
  setUp: SetUp,
  { without, replicas = 1, graceSeconds, cooperate = true, autoscalers = [], ...options }: Facts = {},
): Promise<{ readonly kubernetes: Kubernetes; readonly env: Env }> {
  const rules = deployedRules('base');
  const kept = rules.filter((rule) => rightText(rule) !== without);
  if (without !== undefined && kept.length === rules.length) throw new Error(`no right to ${without}`);
  const grace = graceSeconds === undefined ? {} : { graceSeconds };
  const kubernetes = await startKubernetes({
    workloads: [{ target: 'deployment/worker', replicas, ...grace }],
    customTypes: [SCALED_OBJECTS],
    rules: kept,
    ...options,
  });
  setUp.later(async () => await kubernetes.close());
  for (const other of autoscalers) kubernetes.create(other);
  const [pod] = kubernetes.pods();
  if (cooperate && pod !== undefined) await setUp.report(5, { app: APP, dyno: pod.name });
  return { kubernetes, env: { PLATFORM: 'kubernetes', ...(await access(setUp, kubernetes)) } };
}

async function access(setUp: SetUp, { namespace, kubeconfig }: Kubernetes): Promise<Env> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-check-'));
  setUp.later(async () => await rm(folder, { recursive: true }));
  const path = join(folder, 'config');
  await writeFile(path, kubeconfig);
  return { KUBECONFIG: path, KUBERNETES_NAMESPACE: namespace };
}

/** The same, where KEDA sets the replicas. */
export async function kedaClusterFor(setUp: SetUp, facts: Facts = {}): Promise<Env> {
  const { env } = await clusterFor(setUp, {
    rules: deployedRules('keda'),
    autoscalers: kedas('worker'),
    ...facts,
  });
  return { ...env, PLATFORM: 'keda', DASHBOARD_TOKEN: 'a-dashboard-token' };
}

/** A ScaledObject, and the HorizontalPodAutoscaler that KEDA makes for it. */
function kedas(name: string, rules: object = {}): readonly Manifest[] {
  const scaledObject = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata: { name } };
  const { metadata, ...made } = autoscaler(`keda-hpa-${name}`);
  const ownerReferences = [{ kind: 'ScaledObject', name, controller: true }];
  return [
    { ...scaledObject, ...{ spec: { scaleTargetRef: { name }, triggers: [], ...rules } } },
    { ...made, metadata: { ...metadata, ...{ ownerReferences } } },
  ];
}

function autoscaler(name: string): Manifest {
  const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'worker' } };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    ...{ spec },
  };
}

function quota(pods: number): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'few-pods' },
    ...{ spec: { hard: { pods: String(pods) } } },
  };
}

/** Each right of the Role, and the line that misses it. */
const RIGHTS: Readonly<Record<string, MisSetUp['shows']>> = {
  'get deployments/scale': '✗ right to get deployments/scale',
  'patch deployments/scale': '✗ right to patch deployments/scale',
  'list pods': '✗ right to list pods',
  'patch pods': '✗ right to patch pods',
  'get deployments': '! right to get deployments',
  'list events': '! right to list events',
  'list horizontalpodautoscalers.autoscaling': '! deployment/worker',
  'list scaledobjects.keda.sh': '! deployment/worker',
};

export const KUBERNETES: readonly MisSetUp[] = [
  {
    name: 'an API server that cannot be reached',
    shows: '✗ Kubernetes',
    from: async (setUp) => {
      const { kubernetes, env } = await clusterFor(setUp);
      await kubernetes.close();
      return env;
    },
  },
  {
    name: 'a token that has expired',
    shows: '✗ Kubernetes',
    from: async (setUp) => {
      const { kubernetes, env } = await clusterFor(setUp);
      kubernetes.rotateToken();
      return env;
    },
  },
  {
    name: 'a kubeconfig that is not there',
    shows: '✗ Kubernetes',
    from: () => ({ PLATFORM: 'kubernetes', KUBERNETES_NAMESPACE: 'default', KUBECONFIG: '/nowhere/config' }),
  },
  {
    name: 'a namespace in which Drover has no Role',
    shows: '✗ rights',
    from: async (setUp) => ({ ...(await clusterFor(setUp)).env, KUBERNETES_NAMESPACE: 'prod' }),
  },
  {
    name: 'a target that does not exist',
    shows: '✗ deployment/wroker',
    from: async (setUp) => ({ ...(await clusterFor(setUp)).env, KUBERNETES_TARGET: 'deployment/wroker' }),
  },
  {
    name: 'a target of the wrong kind',
    shows: '✗ statefulset/worker',
    from: async (setUp) => ({ ...(await clusterFor(setUp)).env, KUBERNETES_TARGET: 'statefulset/worker' }),
  },
  {
    name: 'a resource that the cluster does not have',
    shows: '✗ rollouts.argoproj.io/worker',
    from: async (setUp) => ({
      ...(await clusterFor(setUp)).env,
      KUBERNETES_TARGET: 'rollouts.argoproj.io/worker',
    }),
  },
  ...Object.entries(RIGHTS).map(([without, shows]) => ({
    name: `no right to ${without}`,
    shows,
    from: async (setUp: SetUp) => (await clusterFor(setUp, { without })).env,
  })),
  {
    name: 'a HorizontalPodAutoscaler for the same target',
    shows: '✗ deployment/worker',
    from: async (setUp) => (await clusterFor(setUp, { autoscalers: [autoscaler('cpu')] })).env,
  },
  {
    name: 'a ScaledObject for the same target',
    shows: '✗ deployment/worker',
    from: async (setUp) => (await clusterFor(setUp, { autoscalers: kedas('worker') })).env,
  },
  {
    name: 'a quota below the minimum',
    shows: '✗ limit of deployment/worker',
    from: async (setUp) => {
      const { kubernetes, env } = await clusterFor(setUp);
      kubernetes.create(quota(2));
      kubernetes.setReplicas('deployment/worker', 3);
      return { ...env, MIN_WORKERS: '3' };
    },
  },
  {
    name: 'a quota that refuses pods above the minimum',
    shows: '! limit of deployment/worker',
    from: async (setUp) => {
      const { kubernetes, env } = await clusterFor(setUp);
      kubernetes.create(quota(2));
      kubernetes.setReplicas('deployment/worker', 3);
      return { ...env, MIN_WORKERS: '1' };
    },
  },
  {
    name: 'pods that no node takes',
    shows: '! limit of deployment/worker',
    from: async (setUp) => {
      const since = Date.now() - 120_000;
      const clock = { at: since };
      const { env } = await clusterFor(setUp, {
        replicas: 3,
        nodes: { 'node-1': 2 },
        clock: { now: () => clock.at },
      });
      clock.at = since + 90_000;
      return { ...env, MIN_WORKERS: '1' };
    },
  },
  {
    name: 'pods whose workers do not cooperate',
    shows: '! workers of worker',
    from: async (setUp) => (await clusterFor(setUp, { cooperate: false })).env,
  },
  {
    name: 'a grace period shorter than a job',
    shows: '! grace period of worker',
    from: async (setUp) => {
      await setUp.serviceTime(APP, 90_000);
      return (await clusterFor(setUp)).env;
    },
  },
  {
    name: 'a grace period shorter than cooperate() assumes',
    shows: '! grace period of worker',
    from: async (setUp) => (await clusterFor(setUp, { graceSeconds: 10 })).env,
  },
  {
    name: 'replicas that were set to 0 by hand',
    shows: '! quantity of worker',
    from: async (setUp) => {
      await setUp.manualZero(APP);
      return (await clusterFor(setUp)).env;
    },
  },
];

export const KEDA: readonly MisSetUp[] = [
  {
    name: 'no ScaledObject',
    shows: '! deployment/worker',
    from: async (setUp) => await kedaClusterFor(setUp, { autoscalers: [] }),
  },
  {
    name: 'another HorizontalPodAutoscaler beside KEDA',
    shows: '✗ deployment/worker',
    from: async (setUp) =>
      await kedaClusterFor(setUp, { autoscalers: [...kedas('worker'), autoscaler('cpu')] }),
  },
  {
    name: 'a minReplicaCount above the minimum',
    shows: '! ScaledObject worker',
    from: async (setUp) => ({
      ...(await kedaClusterFor(setUp, { autoscalers: kedas('worker', { minReplicaCount: 2 }) })),
      MIN_WORKERS: '1',
    }),
  },
  {
    name: 'a maxReplicaCount below the maximum',
    shows: '! ScaledObject worker',
    from: async (setUp) => ({
      ...(await kedaClusterFor(setUp, { autoscalers: kedas('worker', { maxReplicaCount: 20 }) })),
      MAX_WORKERS: '30',
      LIMITS: 'mon-fri = 10-40',
      TIME_ZONE: 'UTC',
    }),
  },
  {
    name: 'a fallback of KEDA',
    shows: '! ScaledObject worker',
    from: async (setUp) =>
      await kedaClusterFor(setUp, {
        autoscalers: kedas('worker', { fallback: { failureThreshold: 3, replicas: 2 } }),
      }),
  },
  {
    name: 'workers that do not cooperate',
    shows: '✗ workers of worker',
    from: async (setUp) => await kedaClusterFor(setUp, { cooperate: false }),
  },
  {
    name: 'no token for the endpoint that KEDA reads',
    shows: 'exit 2: DASHBOARD_TOKEN',
    from: () => ({ PLATFORM: 'keda', KUBERNETES_NAMESPACE: 'default', KUBECONFIG: '/nowhere/config' }),
  },
];
