import { Queue, Worker, type Job } from 'bullmq';
import { Worker as Worker5 } from 'bullmq5';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

import { startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';
import type { BullWorker } from '../../src/worker/bullmq-worker.ts';
import { cooperateWith, type Cooperation } from '../../src/worker/cooperate.ts';
import type { CooperateOptions } from '../../src/worker/identity.ts';
import { APP, FAST, ClockKeys } from './clock-keys.ts';

export let server: RedisServer;
export let clockKeys: ClockKeys;
export let queue: Queue;
/** Ended after each test, the latest first. */
export const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startRedisServer();
  clockKeys = new ClockKeys(server.port);
});

afterAll(async () => {
  clockKeys.redis.disconnect();
  await server.stop();
});

beforeEach(async () => {
  await clockKeys.redis.flushall();
  queue = new Queue('mail', { connection: { port: server.port } });
  await queue.waitUntilReady();
});

afterEach(async () => {
  for (const end of cleanups.toReversed()) await end();
  cleanups.length = 0;
  await queue.close();
});

type Processor = (job: Job) => Promise<unknown>;
export type MakeWorker = (processor: Processor, concurrency?: number) => BullWorker;

export const workerOptions = (concurrency: number) => ({ concurrency, drainDelay: 0.1 }) as const;

export const KINDS: { name: string; make: MakeWorker }[] = [
  {
    name: 'BullMQ 6 on ioredis',
    make: (processor, concurrency = 1) =>
      new Worker('mail', processor, { connection: { port: server.port }, ...workerOptions(concurrency) }),
  },
  {
    name: 'BullMQ 6 on a shared ioredis client',
    make: (processor, concurrency = 1) => {
      const connection = new Redis({ port: server.port, maxRetriesPerRequest: null });
      cleanups.unshift(() => connection.disconnect());
      return new Worker('mail', processor, { connection, ...workerOptions(concurrency) });
    },
  },
  {
    name: 'BullMQ 6 on node-redis',
    make: (processor, concurrency = 1) => {
      const connection = createClient({ url: server.url });
      connection.on('error', () => {});
      cleanups.unshift(() => connection.isOpen && connection.destroy());
      return new Worker('mail', processor, { connection, ...workerOptions(concurrency) });
    },
  },
  {
    name: 'BullMQ 5 on ioredis',
    make: (processor, concurrency = 1) =>
      new Worker5('mail', processor as never, {
        connection: { port: server.port },
        ...workerOptions(concurrency),
      }),
  },
];

export function startCooperating(
  workers: BullWorker | readonly BullWorker[],
  options: CooperateOptions = { app: APP, dyno: 'worker.3' },
): Cooperation {
  const cooperation = cooperateWith(workers, options, FAST);
  cleanups.push(async () => {
    await cooperation.stop();
    await Promise.all([workers].flat().map(async (worker) => await worker.close(true)));
  });
  return cooperation;
}
