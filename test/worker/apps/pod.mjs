/** The worker process of a pod. A job runs until the test sets `end:<its id>`. */
import { setTimeout as delay } from 'node:timers/promises';

import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

import { cooperate } from '../../../dist/worker/cooperate.js';

const { REDIS_PORT, GRACE_SECONDS, LOCK_MS = '30000' } = process.env;
const connection = { port: Number(REDIS_PORT) };
const redis = new Redis(connection);
const worker = new Worker(
  'mail',
  async (job) => {
    await job.updateProgress(1);
    while ((await redis.get(`end:${job.id}`)) === null) await delay(10);
  },
  { connection, drainDelay: 0.1, lockDuration: Number(LOCK_MS), stalledInterval: Number(LOCK_MS) / 2 },
);
worker.on('error', () => {});
redis.on('error', () => {});
cooperate(worker, GRACE_SECONDS === undefined ? {} : { gracePeriodSeconds: Number(GRACE_SECONDS) });

// Something that keeps the process alive, as a server would.
setInterval(() => {}, 60_000);
process.on('disconnect', () => process.exit(1));
