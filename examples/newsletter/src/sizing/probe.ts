/**
 * A process that does one task over and over, so many at a time, and tells what it took. Its arguments are the task's
 * name, its arguments as JSON, the concurrency and the number of jobs.
 */
import * as v from 'valibot';

import { openMailer } from '../mail/mailer.ts';
import { openRedis } from '../queues/redis.ts';
import { openTasks } from '../queues/tasks.ts';
import { settingsOrExit } from '../settings.ts';
import { openPostgres } from '../store/postgres.ts';
import { taskOf } from '../tasks/registry.ts';
import type { Sample } from './fit.ts';

const [name = '', json = '', concurrencyText, jobsText] = process.argv.slice(2);
const [concurrency, jobs] = [Number(concurrencyText), Number(jobsText)];
const settings = settingsOrExit(process.env);
const redis = openRedis(settings.redisUrl);
const store = openPostgres(settings.databaseUrl, { timeoutMs: 60_000, connections: concurrency });
const tools = {
  redis,
  store,
  tasks: openTasks(redis),
  mailer: openMailer(settings.smtpUrl, store, concurrency),
};
const task = taskOf(name);
if (task === undefined) throw new Error(`there is no task ${name}`);
const args = v.parse(task.args, JSON.parse(json));
const runOnce = async (): Promise<unknown> =>
  await task.run(args, tools, { attempt: 1, log: async () => {} });

// The first one loads modules and opens connections, which no later one does.
await runOnce();
let left = jobs;
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
await Promise.all(
  Array.from({ length: concurrency }, async () => {
    while (left > 0) {
      left -= 1;
      await runOnce();
    }
  }),
);
const { user, system } = process.cpuUsage(cpuBefore);
const sample: Sample = {
  concurrency,
  jobs,
  wallMs: performance.now() - startedAt,
  cpuMs: (user + system) / 1000,
  peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6,
};
process.stdout.write(JSON.stringify(sample), () => process.exit(0));
