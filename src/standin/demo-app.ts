import { Queue } from 'bullmq';

import { startDemoDynos } from './demo-heroku.ts';
import { startDemoPods } from './demo-kubernetes.ts';
import { NEWSLETTER, TRANSACTIONAL, type Arrival } from './demo-workload.ts';
import { PROCESS_TYPE, workerSpawner, type DemoPlatform, type DemoWorkers } from './demo-workers.ts';
import { startRedisServer, type RedisServer } from './redis-server.ts';

const QUEUES = [NEWSLETTER, TRANSACTIONAL] as const;
const BULK = 500;

export type QueueCounts = {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
};

export type DemoOptions = {
  readonly platform: DemoPlatform;
  /** Jobs that one worker runs at once. */
  readonly concurrency: number;
  /** The maximum number of workers. */
  readonly max: number;
};

/** Everything around Drover in the demo: Redis, the stand-in with its workers, the app's queues. */
export type DemoApp = {
  readonly workers: Omit<DemoWorkers, 'env' | 'setQuantity' | 'close'>;
  /** Drover's settings. */
  readonly env: Readonly<Record<string, string>>;
  add(arrival: Arrival): Promise<void>;
  counts(): Promise<readonly QueueCounts[]>;
  /** Jobs that were started more than once, because their worker was lost. */
  begunTwice(): Promise<number>;
  /** Stops the workers, which finish their running jobs. */
  stopWorkers(): Promise<void>;
  /** Stops everything. */
  close(): Promise<void>;
};

/** Nothing stays behind when it throws. */
export async function startDemoApp(options: DemoOptions, say: (line: string) => void): Promise<DemoApp> {
  const redis = await startRedisServer({ say });
  const stops = [async (): Promise<void> => await redis.stop()];
  const close = async (): Promise<void> => {
    for (const stop of stops.toReversed()) await stop();
  };
  try {
    const start = options.platform === 'heroku' ? startDemoDynos : startDemoPods;
    const workers = await start(
      workerSpawner({
        REDIS_PORT: String(redis.port),
        QUEUES: QUEUES.join(','),
        CONCURRENCY: String(options.concurrency),
      }),
    );
    stops.push(async () => await workers.close());
    const queues = QUEUES.map((name) => new Queue(name, { connection: { port: redis.port } }));
    stops.push(async () => {
      await Promise.all(queues.map(async (queue) => await queue.close().catch(() => {})));
    });
    for (const queue of queues) queue.on('error', () => {});
    await Promise.all(queues.map(async (queue) => await queue.waitUntilReady()));
    return {
      workers,
      env: { ...envOf(redis, options), ...workers.env },
      ...callsOf(workers, queues),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

function envOf(redis: RedisServer, { concurrency, max }: DemoOptions): DemoApp['env'] {
  return {
    REDIS_URL: redis.url,
    QUEUES: QUEUES.join(','),
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
  workers: DemoWorkers,
  queues: readonly Queue[],
): Pick<DemoApp, 'add' | 'counts' | 'begunTwice' | 'stopWorkers'> {
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
    stopWorkers: async () => {
      workers.setQuantity(0);
      while (workers.list().length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}
