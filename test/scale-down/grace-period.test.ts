import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

import { Queue, type Job } from 'bullmq';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import type { Kubernetes } from '../../src/standin/kubernetes/contract.ts';
import { startKubernetes } from '../../src/standin/kubernetes/kubernetes.ts';
import { workerKeys } from '../../src/worker/keys.ts';
import { localRedis } from '../support/local-redis.ts';
import { until } from '../support/patience.ts';

const APP = resolve(import.meta.dirname, '../worker/apps/pod.mjs');
const NAMESPACE = 'prod';

const local = localRedis();
let queue: Queue;

beforeAll(() => {
  queue = new Queue('mail', { connection: { port: local.port } });
});
afterAll(async () => {
  await queue.close();
});

/** A Deployment of one worker process, with a job on it. `secondMs`: real time of a second of the grace period. */
async function startJob(
  given: { readonly graceSeconds: number; readonly secondMs: number },
  env: Record<string, string> = {},
): Promise<{ readonly kubernetes: Kubernetes; readonly job: Job; readonly pod: string }> {
  const { graceSeconds, secondMs } = given;
  const kubernetes = await startKubernetes({
    namespace: NAMESPACE,
    workloads: [{ target: 'deployment/worker', replicas: 1, graceSeconds }],
    nodes: { 'node-1': 5, 'node-2': 5 },
    secondMs,
    processes: {
      spawn: ({ env: ofPod }) =>
        spawn(process.execPath, [APP], {
          env: {
            PATH: process.env['PATH'],
            KUBERNETES_NAMESPACE: NAMESPACE,
            REDIS_PORT: String(local.port),
            ...env,
            ...ofPod,
          },
          detached: true,
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        }),
    },
  });
  onTestFinished(async () => await kubernetes.close());
  const job = await queue.add('work', {});
  await until(async () => (await latest(job)).progress === 1);
  const pod = kubernetes.pods()[0]?.name ?? '';
  // By HOSTNAME and its namespace the process knows what it is.
  const { reports } = workerKeys(`${NAMESPACE}/worker`, 'worker');
  await until(async () =>
    (await local.redis.hvals(reports)).some((text) => text.includes(`"dyno":"${pod}"`)),
  );
  return { kubernetes, job, pod };
}

async function latest(job: Job): Promise<Job> {
  const found: Job | undefined = await queue.getJob(job.id ?? '');
  if (found === undefined) throw new Error('the job is gone');
  return found;
}

/** As `kubectl drain`: the pod gets SIGTERM, and a new one starts on the other node. */
function drainNodeOf(kubernetes: Kubernetes, pod: string): void {
  kubernetes.drainNode(kubernetes.pods().find(({ name }) => name === pod)?.node ?? '');
}

test('a job that outlasts the grace period is cut off with its pod, and another pod runs it again', async () => {
  // cooperate() assumes 30 s, and the pod has 10.
  const { kubernetes, job, pod } = await startJob(
    { graceSeconds: 10, secondMs: 20 },
    // Soon handed on.
    { LOCK_MS: '1000' },
  );
  drainNodeOf(kubernetes, pod);
  await until(() => kubernetes.pods().every(({ name }) => name !== pod));
  expect(kubernetes.kills).toBe(1);
  await local.redis.set(`end:${job.id}`, 'yes');
  await until(async () => await job.isCompleted());
  const { attemptsStarted, stalledCounter, processedBy } = await latest(job);
  expect(attemptsStarted).toBeGreaterThan(1);
  expect(stalledCounter).toBeGreaterThan(0);
  expect(kubernetes.pods().map(({ name }) => name)).toEqual([processedBy]);
});

test('a job that ends within the grace period of its pod is not cut off', async () => {
  // No machine is so slow that these pass.
  const grace = { graceSeconds: 3600, secondMs: 1000 };
  const { kubernetes, job, pod } = await startJob(grace, { GRACE_SECONDS: '3600' });
  drainNodeOf(kubernetes, pod);
  await until(() => kubernetes.pods().some(({ name, ready }) => name !== pod && ready));
  expect(kubernetes.pods().find(({ name }) => name === pod)?.terminating).toBe(true);
  await local.redis.set(`end:${job.id}`, 'yes');
  await until(() => kubernetes.pods().every(({ name }) => name !== pod));
  expect(await latest(job)).toMatchObject({ attemptsStarted: 1, processedBy: pod });
  expect(await job.isCompleted()).toBe(true);
  expect(kubernetes.kills).toBe(0);
});
