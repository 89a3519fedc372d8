/**
 * A worker process of the comparison, the same under each autoscaler: named after its dyno, closed on SIGTERM. A job
 * takes `data.ms`. Where JUDOSCALE_URL is set it also starts Judoscale's reporter, as its adapter's README says.
 */
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';

const { DYNO, REDIS_URL, QUEUES, CONCURRENCY, PACKAGES, JUDOSCALE_URL, REPORT_SECONDS } = process.env;

const load = createRequire(PACKAGES);
const { Worker } = load('bullmq');

const workers = QUEUES.split(',').map(
  (queue) =>
    new Worker(queue, async ({ data }) => await delay(data.ms, null), {
      connection: { url: REDIS_URL },
      concurrency: Number(CONCURRENCY),
      name: DYNO,
    }),
);
for (const worker of workers) worker.on('error', () => {});

if (JUDOSCALE_URL !== undefined) {
  const { Judoscale } = load('judoscale-bullmq');
  void new Judoscale({
    redis_url: REDIS_URL,
    report_interval_seconds: Number(REPORT_SECONDS),
    log_level: 'error',
  });
}

void Promise.all(workers.map(async (worker) => await worker.waitUntilReady())).then(() =>
  process.send('ready'),
);
process.once('SIGTERM', () => {
  void Promise.all(workers.map(async (worker) => await worker.close())).then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(1));
if (!process.connected) process.exit(1);
