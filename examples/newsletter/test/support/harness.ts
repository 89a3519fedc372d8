import type { AddressInfo } from 'node:net';

import { Worker, type Job } from 'bullmq';
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';

import type { Parts } from '../../src/http/server.ts';
import { QUEUES } from '../../src/queues/names.ts';
import { openRedis } from '../../src/queues/redis.ts';
import { openTasks } from '../../src/queues/tasks.ts';
import { startRedisServer } from 'drover/standin';
import { Closers } from '../../src/local/closers.ts';
import { startEmbeddedDatabase } from '../../src/store/embedded.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { createTables } from '../../src/store/tables.ts';
import { runTask } from '../../src/tasks/run-task.ts';
import type { Tools } from '../../src/tasks/task.ts';

export type Harness = Parts & {
  readonly tools: Tools;
  readonly databaseUrl: string;
  /** The addresses of the e-mails sent so far. */
  readonly mails: string[];
  /** Starts a worker for every queue in this process; default: one that runs the app's tasks. */
  work(process?: (job: Job) => Promise<unknown>): Promise<void>;
  /** Stops workers and servers and empties Redis; the database stays. */
  clear(): Promise<void>;
  /** Listens on a free port; closes with the harness. */
  listen(server: FastifyInstance): Promise<string>;
  close(): Promise<void>;
};

/** A real Redis and a real database; the app's parts in this process. */
export async function openHarness(): Promise<Harness> {
  const closers = new Closers();
  const perTest = new Closers();
  const redisServer = await startRedisServer();
  closers.add(async () => await redisServer.stop());
  const database = await startEmbeddedDatabase();
  closers.add(async () => await database.stop());
  const store = openPostgres(database.url, { timeoutMs: 20_000, connections: 4 });
  closers.add(async () => await store.close());
  const redis: Redis = openRedis(redisServer.url);
  closers.add(async () => redis.disconnect());
  const tasks = openTasks(redis);
  closers.add(async () => await tasks.close());
  await createTables(store);
  const mails: string[] = [];
  const mailer = {
    send: async (_campaign: number, _subscriber: number, to: string) => void mails.push(to),
    close: () => {},
  };
  const tools = { store, redis, tasks, mailer };
  return {
    ...tools,
    tools,
    mails,
    databaseUrl: database.url,
    work: async (process = async (job) => await runTask(job, tools)) => {
      const workers = QUEUES.map(
        (queue) => new Worker(queue, process, { connection: redis, concurrency: 5 }),
      );
      for (const worker of workers) {
        worker.on('error', () => {});
        perTest.add(async () => await worker.close(true));
      }
      await Promise.all(workers.map(async (worker) => await worker.waitUntilReady()));
    },
    listen: async (server) => {
      await server.listen({ host: '127.0.0.1', port: 0 });
      perTest.add(async () => await server.close());
      return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
    },
    clear: async () => {
      await perTest.closeAll();
      await redis.flushall();
    },
    close: async () => {
      await perTest.closeAll();
      await closers.closeAll();
    },
  };
}

/** The app's timeouts, shortened. */
export const TIMES = { requestTimeoutMs: 500, workerTimeoutMs: 400, reportBeatMs: 200 };
