import { setTimeout as delay } from 'node:timers/promises';

import { Queue, Worker, type Job } from 'bullmq';
import { Worker as Worker5 } from 'bullmq5';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';
import type { BullWorker } from '../../src/worker/bullmq-worker.ts';
import { cooperateWith, type Cooperation } from '../../src/worker/cooperate.ts';
import type { CooperateOptions } from '../../src/worker/identity.ts';
import { APP, FAST, Hub, until } from './hub.ts';

let server: RedisServer;
let hub: Hub;
let queue: Queue;
/** Ended after each test, the latest first. */
let endings: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startRedisServer();
  hub = new Hub(server.port);
});

afterAll(async () => {
  hub.redis.disconnect();
  await server.stop();
});

beforeEach(async () => {
  await hub.redis.flushall();
  queue = new Queue('mail', { connection: { port: server.port } });
  await queue.waitUntilReady();
});

afterEach(async () => {
  for (const end of endings.toReversed()) await end();
  endings = [];
  await queue.close();
});

type Processor = (job: Job) => Promise<unknown>;
type MakeWorker = (processor: Processor, concurrency?: number) => BullWorker;

const common = (concurrency: number) => ({ concurrency, drainDelay: 0.1 }) as const;

const KINDS: { name: string; make: MakeWorker }[] = [
  {
    name: 'BullMQ 6 on ioredis',
    make: (processor, concurrency = 1) =>
      new Worker('mail', processor, { connection: { port: server.port }, ...common(concurrency) }),
  },
  {
    name: 'BullMQ 6 on a shared ioredis client',
    make: (processor, concurrency = 1) => {
      const connection = new Redis({ port: server.port, maxRetriesPerRequest: null });
      endings.unshift(() => connection.disconnect());
      return new Worker('mail', processor, { connection, ...common(concurrency) });
    },
  },
  {
    name: 'BullMQ 6 on node-redis',
    make: (processor, concurrency = 1) => {
      const connection = createClient({ url: server.url });
      connection.on('error', () => {});
      endings.unshift(() => connection.isOpen && connection.destroy());
      return new Worker('mail', processor, { connection, ...common(concurrency) });
    },
  },
  {
    name: 'BullMQ 5 on ioredis',
    make: (processor, concurrency = 1) =>
      new Worker5('mail', processor as never, { connection: { port: server.port }, ...common(concurrency) }),
  },
];

function join(
  workers: BullWorker | readonly BullWorker[],
  options: CooperateOptions = { app: APP, dyno: 'worker.3' },
): Cooperation {
  const cooperation = cooperateWith(workers, options, FAST);
  endings.push(async () => {
    await cooperation.stop();
    await Promise.all([workers].flat().map(async (worker) => await worker.close(true)));
  });
  return cooperation;
}

/** A worker of two slots that was just asked to rest, with one job running for as long as the test wants. */
async function pausedWithOneOfTwo(make: MakeWorker): Promise<{ worker: BullWorker; ends: (() => void)[] }> {
  const ends: (() => void)[] = [];
  const worker = make(async () => await new Promise<void>((resolve) => ends.push(resolve)), 2);
  join(worker);
  await queue.add('a', {});
  await until(() => ends.length === 1);
  await hub.ask(2, 'e1');
  await until(() => worker.isPaused());
  return { worker, ends };
}

describe.each(KINDS)('$name', ({ make }) => {
  test('says how it is, and works', async () => {
    await queue.add('a', {});
    let done = 0;
    const worker = make(async () => (done += 1), 5);
    join(worker);
    await until(() => done === 1);
    await hub.hears({ dyno: 'worker.3', concurrency: 5, resting: undefined });
    await until(async () => (await hub.reports())[0]?.readyAt !== undefined);
    const [report] = await hub.reports();
    expect(report?.readyAt).toBeGreaterThan(report?.bootedAt ?? Infinity);
    expect(worker.opts.name).toBe('worker.3');
  });

  test('above the limit it finishes what it has, rests, and is back at once', async () => {
    const { ends } = await pausedWithOneOfTwo(make);
    // The fetch that was under way still takes a job that comes in time: it ends with the worker's `drainDelay`.
    await delay(200);
    await queue.add('b', {});
    await delay(300);
    // Busy, so it has not come to rest; the second slot is free, yet takes nothing.
    await hub.hears({ resting: undefined });
    expect(ends).toHaveLength(1);

    ends[0]?.();
    await hub.hears({ resting: 'e1' });
    await delay(200);
    expect(ends).toHaveLength(1);

    await hub.release();
    await until(() => ends.length === 2);
    ends[1]?.();
  });

  test('booted above the limit it begins nothing', async () => {
    await hub.ask(2, 'e1');
    await queue.add('a', {});
    let begun = 0;
    join(make(async () => (begun += 1)));
    await hub.hears({ resting: 'e1' });
    await delay(200);
    expect(begun).toBe(0);
    expect(await queue.getWaitingCount()).toBe(1);
  });

  test('when the order runs out it works', async () => {
    await hub.ask(2, 'e1', 400);
    let done = 0;
    join(make(async () => (done += 1)));
    await hub.hears({ resting: 'e1' });
    await queue.add('a', {});
    await until(() => done > 0);
    expect(done).toBe(1);
  });

  test('a drain turned round ten times leaves it working, with every job run once', async () => {
    let done = 0;
    const worker = make(async () => {
      await delay(5);
      done += 1;
    }, 3);
    join(worker);
    for (let turn = 0; turn < 10; turn += 1) {
      await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'a', data: {} })));
      await hub.ask(2, `e${turn}`);
      await (turn % 2 === 0 ? hub.hears({ resting: `e${turn}` }) : until(() => worker.isPaused()));
      await hub.release();
      await until(() => !worker.isPaused());
    }
    await until(() => done === 100);
    const jobs = await queue.getCompleted(0, 200);
    expect(jobs).toHaveLength(100);
    expect(jobs.filter((job) => job.attemptsStarted !== 1)).toEqual([]);
  });
});

test.each([
  ...KINDS.slice(0, 3).map((kind) => ({ ...kind, does: 'at once', begun: 2 })),
  ...KINDS.slice(3).map((kind) => ({ ...kind, does: 'when its job ends', begun: 1 })),
])('called back while a job runs, $name fills its free slots $does', async ({ make, begun }) => {
  const { worker, ends } = await pausedWithOneOfTwo(make);
  await delay(300);
  await hub.release();
  await until(() => !worker.isPaused());
  await queue.add('b', {});
  await delay(300);
  expect(ends).toHaveLength(begun);
  ends[0]?.();
  await until(() => ends.length === 2);
  ends[1]?.();
});

const make = KINDS[0]?.make as MakeWorker;

describe('what else may be', () => {
  test('several workers of one process rest and report as one', async () => {
    const ends: (() => void)[] = [];
    const busy = async (): Promise<void> => await new Promise<void>((resolve) => ends.push(resolve));
    const other = new Worker('other', busy, { connection: { port: server.port }, ...common(7) });
    const workers = [make(async () => null, 5), other];
    join(workers);
    await hub.hears({ concurrency: 12 });
    const queueOfOther = new Queue('other', { connection: { port: server.port } });
    endings.push(async () => await queueOfOther.close());
    await queueOfOther.add('a', {});
    await until(() => ends.length === 1);
    await hub.ask(0, 'e1');
    await until(() => workers.every((worker) => worker.isPaused()));
    await until(() => workers[0]?.isRunning() === false);
    await hub.hears({ resting: undefined });
    expect(await hub.reports()).toHaveLength(1);
    ends[0]?.();
    await hub.hears({ resting: 'e1' });
  });

  test('what the user paused stays paused', async () => {
    const worker = make(async () => null);
    join(worker);
    await hub.hears({ resting: undefined });
    await until(() => !worker.isPaused());
    await worker.pause();
    await hub.ask(2, 'e1');
    await hub.hears({ resting: 'e1' });
    await hub.release();
    await hub.hears({ resting: undefined });
    await delay(200);
    expect(worker.isPaused()).toBe(true);
  });

  test('a worker that is not to run by itself is not started', async () => {
    const worker = new Worker('mail', async () => null, {
      connection: { port: server.port },
      autorun: false,
    });
    join(worker);
    await hub.ask(2, 'e1');
    await hub.hears({ resting: 'e1' });
    await hub.release();
    await hub.hears({ resting: undefined });
    expect(worker.isRunning()).toBe(false);
  });

  test('a client of its own for Drover, of either kind', async () => {
    const ioredis = new Redis({ port: server.port });
    const nodeRedis = createClient({ url: server.url });
    await nodeRedis.connect();
    endings.push(
      () => ioredis.disconnect(),
      () => nodeRedis.destroy(),
    );
    for (const connection of [ioredis, nodeRedis]) {
      await hub.redis.flushall();
      const worker = make(async () => null);
      const cooperation = cooperateWith(worker, { app: APP, dyno: 'worker.3', connection }, FAST);
      await hub.ask(2, 'e1');
      await hub.hears({ resting: 'e1' });
      expect(worker.isPaused()).toBe(true);
      await cooperation.stop();
      await worker.close();
    }
  });

  test('a dyno without a number reports, and never rests', async () => {
    await hub.ask(0, 'e1');
    let done = 0;
    join(
      make(async () => (done += 1)),
      { app: APP, dyno: 'worker-12a34bcd56-7efgh' },
    );
    await queue.add('a', {});
    await until(() => done === 1);
    await hub.hears({ dyno: 'worker-12a34bcd56-7efgh', resting: undefined });
    expect(done).toBe(1);
  });

  test.each([
    { name: 'a number that is no number', order: 'three' },
    { name: 'another shape', order: '{"limit":0}' },
    { name: 'nothing at all', order: '' },
    { name: 'a list', order: '[0]' },
  ])('an order that cannot be read asks nothing: $name', async ({ order }) => {
    await hub.redis.set(`drover:{${APP}}:crew:worker:order`, order);
    let done = 0;
    join(make(async () => (done += 1)));
    await queue.add('a', {});
    await until(() => done > 0);
    expect(done).toBe(1);
  });

  test('stopped, it takes back what it said and works on', async () => {
    await hub.ask(2, 'e1');
    let done = 0;
    const cooperation = join(make(async () => (done += 1)));
    await hub.hears({ resting: 'e1' });
    await cooperation.stop();
    expect(await hub.reports()).toEqual([]);
    await queue.add('a', {});
    await until(() => done > 0);
    expect(done).toBe(1);
  });

  test('without the name of the app it works and says nothing', async () => {
    let done = 0;
    join(
      make(async () => (done += 1)),
      { dyno: 'worker.3' },
    );
    await queue.add('a', {});
    await until(() => done === 1);
    expect(await hub.redis.keys('drover:*')).toEqual([]);
  });

  test('where its Redis refuses the keys it works', async () => {
    await hub.redis.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~bull:*', '&*', '+@all');
    let done = 0;
    const connection = { port: server.port, username: 'app', password: 'pw' };
    const worker = new Worker('mail', async () => (done += 1), { connection });
    join(worker);
    await queue.add('a', {});
    await until(() => done > 0);
    expect(done).toBe(1);
  });

  test('with Redis gone in a drain, it goes by the order until that is over, and then works', async () => {
    const elsewhere = await startRedisServer();
    endings.push(async () => await elsewhere.stop());
    const far = new Hub(elsewhere.port);
    endings.push(() => far.redis.disconnect());
    await far.ask(2, 'e1', 1500);
    let done = 0;
    const connection = new Redis({ port: elsewhere.port, retryStrategy: () => 100 });
    connection.on('error', () => {});
    far.redis.on('error', () => {});
    endings.push(() => connection.disconnect());
    join(
      make(async () => (done += 1)),
      { app: APP, dyno: 'worker.3', connection },
    );
    await far.hears({ resting: 'e1' });
    await queue.add('a', {});
    await elsewhere.stop();
    await delay(700);
    expect(done).toBe(0);
    await until(() => done > 0);
    expect(done).toBe(1);
  });
});
