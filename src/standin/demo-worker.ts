/**
 * What a dyno of the demo runs: real BullMQ workers that take as long over an e-mail as a mail server would. It stands
 * for the user's own worker: named by its dyno, and on SIGTERM it finishes what it has begun.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { Worker } from 'bullmq';

import { deliveryMs } from './workload.ts';

const { DYNO = '', REDIS_PORT = '', QUEUES = '', CONCURRENCY = '1' } = process.env;

const workers = QUEUES.split(',').map(
  (queue) =>
    new Worker(queue, async () => await delay(deliveryMs(Math.random), null), {
      connection: { port: Number(REDIS_PORT) },
      concurrency: Number(CONCURRENCY),
      name: DYNO,
    }),
);
for (const worker of workers) worker.on('error', () => {});

let closing: Promise<unknown> | undefined;
function close(): void {
  closing ??= Promise.all(workers.map(async (worker) => await worker.close())).then(() => process.exit(0));
}
process.on('SIGTERM', close);
// Ctrl-C reaches the whole terminal's group; it is for the demo to say when a dyno ends.
process.on('SIGINT', () => {});
// The demo is gone without a word: nobody else would end this process.
process.on('disconnect', () => process.exit(1));
