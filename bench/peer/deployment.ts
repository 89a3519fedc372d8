import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

import { Queue } from 'bullmq5';

import { NEWSLETTER, TRANSACTIONAL } from '../../src/standin/demo-workload.ts';
import { startPlatform, type Platform } from '../../src/standin/platform.ts';
import { startRedisServer } from '../../src/standin/redis-server.ts';
import { until } from './until.ts';
import type { EndedJob } from './figures.ts';
import type { Batch, JobData } from './workload.ts';

export const APP = 'peer';
export const PROCESS_TYPE = 'worker';
export const QUEUES = [NEWSLETTER, TRANSACTIONAL];
export const MIN_DYNOS = 1;
export const MAX_DYNOS = 10;
export const CONCURRENCY = 5;
/** The demo's: with the start of the process, about a tenth of a boot on Heroku. */
const BOOT_MS = 1500;
/** A tenth of Heroku's 30 s. */
const GRACE_MS = 3000;
const BULK = 500;

export type PeerDeployment = {
  readonly platform: Platform;
  readonly redisUrl: string;
  /** Starts the dynos with these variables besides their own, and lets the first do a job of each queue. */
  boot(env: Readonly<Record<string, string>>): Promise<void>;
  add(batch: Batch): Promise<void>;
  /** Ms from the creation of each dyno until its workers were ready. */
  readonly bootsMs: readonly number[];
  /** Jobs that ended, but for those of `boot`. */
  endedCount(): Promise<number>;
  ended(): Promise<readonly EndedJob[]>;
  close(): Promise<void>;
};

/** Redis, the stand-in and two queues. `packages` is where a dyno finds BullMQ and Judoscale's adapter. */
export async function openPeerDeployment(packages: string): Promise<PeerDeployment> {
  const redis = await startRedisServer();
  let extra: Readonly<Record<string, string>> = {};
  const bootsMs: number[] = [];
  const platform = await startPlatform({
    apps: [{ name: APP, formation: [{ type: PROCESS_TYPE, quantity: 0 }] }],
    bootMs: BOOT_MS,
    graceMs: GRACE_MS,
    processes: {
      spawn: ({ env }) => {
        const createdMs = performance.now() - BOOT_MS;
        const child = spawn(process.execPath, [resolve(import.meta.dirname, 'dyno.mjs')], {
          env: {
            PATH: process.env['PATH'],
            ...env,
            REDIS_URL: redis.url,
            QUEUES: QUEUES.join(','),
            CONCURRENCY: String(CONCURRENCY),
            PACKAGES: packages,
            ...extra,
          },
          detached: true,
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        });
        child.once('message', () => bootsMs.push(performance.now() - createdMs));
        return child;
      },
    },
  });
  const queues = QUEUES.map((name) => new Queue<JobData>(name, { connection: { port: redis.port } }));
  const countEnded = async (): Promise<number> => {
    const counts = await Promise.all(
      queues.map(async (queue) => await queue.getJobCountByTypes('completed', 'failed')),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  };
  return {
    platform,
    redisUrl: redis.url,
    bootsMs,
    async boot(env) {
      extra = env;
      platform.setQuantity(APP, PROCESS_TYPE, MIN_DYNOS);
      // Judoscale's adapter finds only queues that had a job before its first report, as those of a running app have.
      await Promise.all(queues.map(async (queue) => await queue.add('warm-up', { ms: 1 })));
      await until(async () => (await countEnded()) === queues.length);
    },
    async add({ queue: name, jobs }) {
      const queue = queues.find((candidate) => candidate.name === name);
      for (let from = 0; from < jobs.length; from += BULK) {
        await queue?.addBulk(jobs.slice(from, from + BULK).map((data) => ({ name: 'send', data })));
      }
    },
    endedCount: async () => (await countEnded()) - queues.length,
    async ended() {
      const jobs = await Promise.all(
        queues.map(async (queue) => await queue.getJobs(['completed', 'failed'])),
      );
      return jobs
        .flat()
        .filter(({ name }) => name === 'send')
        .map((job) => ({
          addedAt: job.timestamp,
          startedAt: job.processedOn ?? NaN,
          endedAt: job.finishedOn ?? NaN,
          failed: job.failedReason !== undefined,
          starts: job.attemptsStarted,
          burst: job.data.burst,
        }));
    },
    async close() {
      await platform.close();
      await Promise.all(queues.map(async (queue) => await queue.close()));
      await redis.stop();
    },
  };
}
