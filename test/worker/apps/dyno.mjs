/** A worker process with times of the test's choice. `data.ms` of a job is how long it takes. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { cooperateWith } from '../../../dist/worker/cooperate.js';

const { BULLMQ = 'bullmq', REDIS_PORT, CONCURRENCY = '1', TIMING, SANDBOXED, OWN_HANDLER } = process.env;
const { Worker } = await import(BULLMQ);

const processor =
  SANDBOXED === undefined
    ? async (job) => {
        await job.updateProgress(1);
        return await delay(job.data.ms, process.pid);
      }
    : fileURLToPath(new URL('sandboxed.cjs', import.meta.url));
const worker = new Worker('mail', processor, {
  connection: { port: Number(REDIS_PORT) },
  concurrency: Number(CONCURRENCY),
  drainDelay: 0.5,
  lockDuration: 5000,
  stalledInterval: 5000,
});
worker.on('error', () => {});
cooperateWith(worker, {}, JSON.parse(TIMING));

// Something that keeps the process alive, as a server would.
setInterval(() => {}, 60_000);
process.on('disconnect', () => process.exit(1));
if (OWN_HANDLER !== undefined) {
  process.on('SIGTERM', () => setTimeout(() => process.exit(7), Number(OWN_HANDLER)));
}
