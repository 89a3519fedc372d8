/** A worker process of the soak. It closes on SIGTERM as BullMQ's manual says, or leaves that to Drover's helper. */
import { setTimeout as delay } from 'node:timers/promises';

import { Worker } from 'bullmq';

import { cooperateWith } from '../../dist/worker/cooperate.js';

const { REDIS_PORT, QUEUE, CONCURRENCY, LEVEL, TIMING, DYNO } = process.env;

const worker = new Worker(QUEUE, async (job) => await delay(job.data.ms, null), {
  connection: { port: Number(REDIS_PORT) },
  concurrency: Number(CONCURRENCY),
  ...JSON.parse(TIMING).worker,
  ...(LEVEL === 'named' ? { name: DYNO } : {}),
});
worker.on('error', () => {});
if (LEVEL === 'cooperating') cooperateWith(worker, {}, JSON.parse(TIMING).cooperate);
else process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)));
process.on('disconnect', () => process.exit(1));
