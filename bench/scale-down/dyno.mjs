/**
 * A worker process of the soak. It closes on SIGTERM as BullMQ's manual says, or leaves that to Drover's helper. A job
 * takes `data.ms`; without that, until the key `end:<job id>` is there. It sends what becomes of each job (JobMessage).
 */
import { setTimeout as delay } from 'node:timers/promises';

import { Worker } from 'bullmq';

import { cooperateWith } from '../../dist/worker/cooperate.js';

const { REDIS_PORT, QUEUE, CONCURRENCY, LEVEL, TIMING, DYNO } = process.env;

async function work(job) {
  const send = (event) => process.send({ event, job: job.id, at: Date.now() });
  const { moveToDelayed } = job;
  // Only the helper delays jobs here: those that it hands back.
  job.moveToDelayed = async (...args) => {
    await moveToDelayed.apply(job, args);
    send('handed back');
  };
  send('begun');
  await finish(job);
  send('ended');
  return null;
}

async function finish({ id, data }) {
  if (data.ms !== undefined) {
    await delay(data.ms);
    return;
  }
  const client = await worker.getBackend().client;
  while ((await client.get(`end:${id}`)) === null) await delay(20);
}

const worker = new Worker(QUEUE, work, {
  connection: { port: Number(REDIS_PORT) },
  concurrency: Number(CONCURRENCY),
  ...JSON.parse(TIMING).worker,
  ...(LEVEL === 'named' ? { name: DYNO } : {}),
});
worker.on('error', () => {});
if (LEVEL === 'cooperating') cooperateWith(worker, {}, JSON.parse(TIMING).cooperate);
else process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)));
process.on('disconnect', () => process.exit(1));
