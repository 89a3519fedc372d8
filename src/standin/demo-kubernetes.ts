import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  BOOT_MS,
  PROCESS_TYPE,
  type DemoWorker,
  type DemoWorkers,
  type SpawnWorker,
} from './demo-workers.ts';
import type { KubernetesPod } from './kubernetes/contract.ts';
import { startKubernetes } from './kubernetes/kubernetes.ts';
import { startWatchdog } from './watchdog.ts';

const NAMESPACE = 'demo';
const TARGET = `deployment/${PROCESS_TYPE}`;

/** Pods of a Deployment. Nothing stays behind when it throws. */
export async function startDemoPods(spawn: SpawnWorker): Promise<DemoWorkers> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-kubeconfig-'));
  const watchdog = startWatchdog(folder);
  const kubeconfig = join(folder, 'config');
  const kubernetes = await startKubernetes({
    namespace: NAMESPACE,
    workloads: [{ target: TARGET, replicas: 1 }],
    bootMs: BOOT_MS,
    processes: { spawn: ({ env }) => spawn({ ...env, KUBERNETES_NAMESPACE: NAMESPACE }) },
  });
  const close = async (): Promise<void> => {
    await kubernetes.close();
    await watchdog.end();
  };
  try {
    await writeFile(kubeconfig, kubernetes.kubeconfig, { mode: 0o600 });
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    env: {
      PLATFORM: 'kubernetes',
      KUBERNETES_TARGET: TARGET,
      KUBERNETES_NAMESPACE: NAMESPACE,
      KUBECONFIG: kubeconfig,
    },
    list: () => kubernetes.pods().map((pod) => ({ name: pod.name, state: stateOf(pod) })),
    setQuantity: (quantity) => kubernetes.setReplicas(TARGET, quantity),
    seconds: () => kubernetes.podSeconds(TARGET),
    kills: () => kubernetes.kills,
    close,
  };
}

function stateOf({ terminating, phase, ready, restarts }: KubernetesPod): DemoWorker['state'] {
  if (terminating) return 'stopping';
  if (phase === 'Running' && ready) return 'up';
  return restarts > 0 ? 'crashed' : 'starting';
}
