import { Worker } from 'bullmq';
import { cooperate } from 'drover/worker';

import { openMailer } from './mail/mailer.ts';
import { QUEUES } from './queues/names.ts';
import { openRedis } from './queues/redis.ts';
import { openTasks } from './queues/tasks.ts';
import { settingsOrExit } from './settings.ts';
import { openPostgres } from './store/postgres.ts';
import { runTask } from './tasks/run-task.ts';

const settings = settingsOrExit(process.env);
const redis = openRedis(settings.redisUrl);
const store = openPostgres(settings.databaseUrl, { timeoutMs: settings.databaseTimeoutMs, connections: 2 });
const mailer = openMailer(settings.smtpUrl, store, settings.concurrency);
const tools = { store, mailer, redis, tasks: openTasks(redis) };

const workers = QUEUES.map(
  (queue) =>
    new Worker(queue, async (job) => await runTask(job, tools), {
      connection: redis,
      concurrency: settings.concurrency,
      ...(settings.dyno === undefined ? {} : { name: settings.dyno }),
    }),
);
for (const worker of workers) {
  worker.on('error', ({ message }) => process.stderr.write(`${worker.name}: ${message}\n`));
}
// The one line for Drover: no dyno is stopped that runs a job, and SIGTERM closes the workers.
cooperate(workers);
