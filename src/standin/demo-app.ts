import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { Queue } from 'bullmq';

import { startPlatform, type Platform } from './platform.ts';
import { startRedisServer, type RedisServer } from './redis-server.ts';
import { NEWSLETTER, TRANSACTIONAL, type Arrival } from './demo-workload.ts';

export const APP = 'demo-app';
export const PROCESS_TYPE = 'worker';
const QUEUES = [NEWSLETTER, TRANSACTIONAL] as const;
/** Shorter than on Heroku; the process itself takes another second. */
const BOOT_MS = 1500;
const BULK = 500;

export type QueueCounts = {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
};

/** Everything around Drover in the demo: Redis, the stand-in with its dynos, the app's queues. */
export type DemoApp = {
  readonly platform: Platform;
  /** Drover's settings. */
  readonly env: Readonly<Record<string, string>>;
  add(arrival: Arrival): Promise<void>;
  counts(): Promise<readonly QueueCounts[]>;
  /** Jobs that were started more than once, because their dyno was lost. */
  begunTwice(): Promise<number>;
  /** Stops the dyno processes, which finish their running jobs. */
  stopDynos(): Promise<void>;
  /** Stops everything. */
  close(): Promise<void>;
};

/** Nothing stays behind when it throws. */
export async function startDemoApp(
  concurrency: number,
  max: number,
  say: (line: string) => void,
): Promise<DemoApp> {
  const redis = await startRedisServer({ say });
  const stops = [async (): Promise<void> => await redis.stop()];
  const close = async (): Promise<void> => {
    for (const stop of stops.toReversed()) await stop();
  };
  try {
    const platform = await startDynos(redis, concurrency);
    stops.push(async () => await platform.close());
    const queues = QUEUES.map((name) => new Queue(name, { connection: { port: redis.port } }));
    stops.push(async () => {
      await Promise.all(queues.map(async (queue) => await queue.close().catch(() => {})));
    });
    for (const queue of queues) queue.on('error', () => {});
    await Promise.all(queues.map(async (queue) => await queue.waitUntilReady()));
    return {
      platform,
      env: envOf(redis, platform, { concurrency, max }),
      ...callsOf(platform, queues),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function startDynos(redis: RedisServer, concurrency: number): Promise<Platform> {
  const worker = fileURLToPath(new URL('demo-worker.js', import.meta.url));
  return await startPlatform({
    apps: [{ name: APP, formation: [{ type: PROCESS_TYPE, quantity: 1 }] }],
    bootMs: BOOT_MS,
    processes: {
      spawn: ({ env }) =>
        spawn(process.execPath, [worker], {
          env: {
            PATH: process.env['PATH'],
            ...env,
            REDIS_PORT: String(redis.port),
            QUEUES: QUEUES.join(','),
            CONCURRENCY: String(concurrency),
          },
          detached: true,
          stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        }),
    },
  });
}

function envOf(
  redis: RedisServer,
  platform: Platform,
  { concurrency, max }: { readonly concurrency: number; readonly max: number },
): DemoApp['env'] {
  return {
    REDIS_URL: redis.url,
    QUEUES: QUEUES.join(','),
    HEROKU_APP_NAME: APP,
    HEROKU_API_KEY: platform.token,
    HEROKU_API_URL: platform.url,
    PROCESS_TYPE,
    MIN_WORKERS: '1',
    MAX_WORKERS: String(max),
    WORKER_CONCURRENCY: String(concurrency),
    BOOT_SECONDS: '3',
    SCALE_DOWN_DELAY_SECONDS: '4',
    SCHEDULE: '* * * * * *',
    // The loopback address needs no DASHBOARD_TOKEN; any free port, as several demos may run at once.
    DASHBOARD: 'true',
    HOST: '127.0.0.1',
    PORT: '0',
  };
}

function callsOf(
  platform: Platform,
  queues: readonly Queue[],
): Pick<DemoApp, 'add' | 'counts' | 'begunTwice' | 'stopDynos'> {
  return {
    add: async ({ queue: name, count }) => {
      const queue = queues.find((candidate) => candidate.name === name);
      for (let left = count; left > 0; left -= BULK) {
        await queue?.addBulk(
          Array.from({ length: Math.min(left, BULK) }, () => ({ name: 'send', data: {} })),
        );
      }
    },
    counts: async () =>
      await Promise.all(
        queues.map(async (queue) => {
          const counts = await queue.getJobCounts('waiting', 'active', 'completed', 'failed');
          const of = (state: string): number => counts[state] ?? 0;
          return {
            name: queue.name,
            waiting: of('waiting'),
            active: of('active'),
            completed: of('completed'),
            failed: of('failed'),
          };
        }),
      ),
    begunTwice: async () => {
      const ended = await Promise.all(
        queues.map(async (queue) => await queue.getJobs(['completed', 'failed'])),
      );
      return ended.flat().filter((job) => job.attemptsStarted > 1 || job.stalledCounter > 0).length;
    },
    stopDynos: async () => {
      platform.setQuantity(APP, PROCESS_TYPE, 0);
      while (platform.dynos(APP).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}
