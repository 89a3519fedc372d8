import { spawn } from 'node:child_process';

import { Queue } from 'bullmq';

import { kubernetesFormation } from '../../src/adapters/kubernetes/formation.ts';
import { parseTarget } from '../../src/config/target.ts';
import type { Tick } from '../../src/control/outcome.ts';
import { startKubernetes } from '../../src/standin/kubernetes/kubernetes.ts';
import { startRedisServer } from '../../src/standin/redis-server.ts';
import {
  APP,
  BOOT_MS,
  drive,
  GRACE_MS,
  LEAST_DYNOS,
  timing,
  type DeploymentOptions,
  type RunningClock,
} from './local-deployment.ts';
import { workerProgram } from './worker-program.ts';

export type WorkloadKind = 'deployment' | 'statefulset';

/** Worker pods on the stand-in for Kubernetes and a clock over them. */
export type KubernetesDeployment = {
  readonly queues: readonly Queue[];
  readonly kills: () => number;
  readonly quantity: (type: string) => number;
  readonly workerSeconds: (type: string) => number;
  startClock(onTick: (tick: Tick) => void): RunningClock;
  close(): Promise<void>;
};

/** Nodes that hold the pods of all types; several, so that the rule on pods of one node applies. */
const NODES = { 'node-1': 100, 'node-2': 100, 'node-3': 100 };

export async function openKubernetes(
  kind: WorkloadKind,
  options: DeploymentOptions,
): Promise<KubernetesDeployment> {
  const { level, concurrency, types, scale, slackMs = 0 } = options;
  const program = await workerProgram();
  const redis = await startRedisServer();
  const kubernetes = await startKubernetes({
    workloads: types.map((type) => ({
      target: `${kind}/${type}`,
      replicas: LEAST_DYNOS,
      ...(kind === 'statefulset' ? { spec: { podManagementPolicy: 'Parallel' } } : {}),
    })),
    nodes: NODES,
    bootMs: BOOT_MS * scale,
    secondMs: (GRACE_MS * scale + slackMs) / 30,
    processes: {
      spawn: ({ workload, env }) =>
        spawn(process.execPath, [program], {
          env: {
            PATH: process.env['PATH'],
            ...env,
            HEROKU_APP_NAME: APP,
            DROVER_APP: APP,
            PROCESS_TYPE: workload,
            REDIS_PORT: String(redis.port),
            QUEUE: workload,
            CONCURRENCY: String(concurrency),
            LEVEL: level,
            TIMING: timing(scale, slackMs),
          },
          detached: true,
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        }),
    },
  });
  const queues = types.map((type) => new Queue(type, { connection: { port: redis.port } }));
  await Promise.all(queues.map(async (queue) => await queue.waitUntilReady()));
  const targets = new Map(
    types.map((type) => {
      const target = parseTarget(`${kind}/${type}`);
      if (target === undefined) throw new Error(`${type} is no name`);
      return [type, target] as const;
    }),
  );
  const formation = kubernetesFormation({
    credentials: async () => ({ server: kubernetes.url, token: kubernetes.token }),
    namespace: kubernetes.namespace,
    targets,
  });
  const clocks: RunningClock[] = [];
  return {
    queues,
    kills: () => kubernetes.kills,
    quantity: (type) => kubernetes.replicas(`${kind}/${type}`),
    workerSeconds: (type) => kubernetes.podSeconds(`${kind}/${type}`),
    startClock(onTick) {
      const clock = drive(options, { formation, redisUrl: redis.url }, onTick, {});
      clocks.push(clock);
      return clock;
    },
    async close() {
      await Promise.all(clocks.map(async (clock) => await clock.stop()));
      await kubernetes.close();
      await Promise.all(queues.map(async (queue) => await queue.close()));
      await redis.stop();
    },
  };
}
