/**
 * The process of a dyno or a pod in the demo: real BullMQ workers whose jobs take as long as delivering an e-mail. As a
 * user's worker should, a dyno names its workers after itself and finishes its running jobs on SIGTERM. Pods have no
 * numbers by which Drover knows the next one to go, so there the workers cooperate, which does both.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { Worker } from 'bullmq';

import { cooperate } from '../worker/cooperate.ts';
import { deliveryMs } from './demo-workload.ts';

const { DYNO, REDIS_PORT = '', QUEUES = '', CONCURRENCY = '1' } = process.env;

const workers = QUEUES.split(',').map(
  (queue) =>
    new Worker(queue, async () => await delay(deliveryMs(Math.random), null), {
      connection: { port: Number(REDIS_PORT) },
      concurrency: Number(CONCURRENCY),
      ...(DYNO === undefined ? {} : { name: DYNO }),
    }),
);
for (const worker of workers) worker.on('error', () => {});

let closing: Promise<unknown> | undefined;
function close(): void {
  closing ??= Promise.all(workers.map(async (worker) => await worker.close())).then(() => process.exit(0));
}
if (DYNO === undefined) cooperate(workers);
else process.on('SIGTERM', close);
// Ctrl-C in a terminal signals the whole process group, but the demo decides when a dyno ends.
process.on('SIGINT', () => {});
// The demo was killed, so nothing else would stop this process.
process.on('disconnect', () => process.exit(1));
// It may have been killed while this process was loading.
if (!process.connected) process.exit(1);
