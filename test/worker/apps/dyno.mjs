/** A worker process with times of the test's choice. */
import { fileURLToPath } from 'node:url';

import { cooperateWith } from '../../../dist/worker/cooperate.js';
import { work } from './work.cjs';

const { BULLMQ = 'bullmq', REDIS_PORT, CONCURRENCY = '1', TIMING, SANDBOXED } = process.env;
const { Worker } = await import(BULLMQ);

const processor =
  SANDBOXED === undefined
    ? async (job) => {
        await job.updateProgress(1);
        return await work(job.data);
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

// A handler of the user's own: how it is registered, when, and how long its shutdown takes.
const {
  HANDLER,
  HANDLER_WHEN = 'after',
  HANDLER_MS = '500',
  HANDLER_STOPS,
  COOPERATIONS = '1',
} = process.env;
function handle() {
  if (HANDLER === undefined) return;
  process[HANDLER]('SIGTERM', () => {
    if (HANDLER_STOPS !== undefined) for (const cooperation of cooperations) void cooperation.stop();
    // Longer than the helper takes to close the worker, however slow the machine is.
    worker.once('completed', () => setTimeout(() => process.exit(7), Number(HANDLER_MS)));
  });
}

const cooperations = [];
if (HANDLER_WHEN === 'before') handle();
for (let call = 0; call < Number(COOPERATIONS); call += 1) {
  cooperations.push(cooperateWith(worker, {}, JSON.parse(TIMING)));
  if (call === 0 && HANDLER_WHEN === 'between') handle();
}
if (HANDLER_WHEN === 'after') handle();

// Something that keeps the process alive, as a server would.
setInterval(() => {}, 60_000);
process.on('disconnect', () => process.exit(1));
