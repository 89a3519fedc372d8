import { kubernetesFormation } from '../../src/adapters/kubernetes/formation.ts';
import { parseTarget } from '../../src/config/target.ts';
import { startKubernetes } from '../../src/standin/kubernetes/kubernetes.ts';
import { openFleet, type Fleet } from './fleet.ts';
import { BOOT_MS, graceMs, LEAST_DYNOS, type FleetOptions } from './options.ts';

export type WorkloadKind = 'deployment' | 'statefulset';

/** Nodes that hold the pods of all types; several, so that the rule on pods of one node applies. */
const NODES = { 'node-1': 100, 'node-2': 100, 'node-3': 100 };
/** Of a pod's default grace time. */
const GRACE_SECONDS = 30;

/** Pods on the stand-in for Kubernetes. */
export async function openKubernetesFleet(options: FleetOptions, kind: WorkloadKind): Promise<Fleet> {
  const { types, scale } = options;
  const targets = new Map(
    types.map((type) => {
      const target = parseTarget(`${kind}/${type}`);
      if (target === undefined) throw new Error(`${type} is no name`);
      return [type, target] as const;
    }),
  );
  return await openFleet(options, async (spawnWorker) => {
    const kubernetes = await startKubernetes({
      workloads: types.map((type) => ({
        target: `${kind}/${type}`,
        replicas: LEAST_DYNOS,
        ...(kind === 'statefulset' ? { spec: { podManagementPolicy: 'Parallel' } } : {}),
      })),
      nodes: NODES,
      bootMs: BOOT_MS * scale,
      secondMs: graceMs(options) / GRACE_SECONDS,
      processes: { spawn: ({ workload, env }) => spawnWorker(workload, env) },
    });
    return {
      formation: () =>
        kubernetesFormation({
          credentials: async () => ({ server: kubernetes.url, token: kubernetes.token }),
          namespace: kubernetes.namespace,
          targets,
        }),
      quantity: (type) => kubernetes.replicas(`${kind}/${type}`),
      dynoSeconds: (type) => kubernetes.podSeconds(`${kind}/${type}`),
      stopped: kubernetes.stopped,
      close: async () => await kubernetes.close(),
    };
  });
}
