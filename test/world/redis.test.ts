import type { DrainRequest } from '../../src/core/drain.ts';
import { expect, test } from 'vitest';

import { bullmqBacklog } from '../../src/adapters/bullmq/backlog.ts';
import { connectionOver, type RedisConnection } from '../../src/adapters/redis/connect.ts';
import { randomFrom } from '../../src/sim/random.ts';
import { clockChannel } from '../../src/worker/clock-channel.ts';
import { asRedis, portsOver } from './clock.ts';
import { Queues } from './queues.ts';
import { redisPauseStore } from '../../src/adapters/redis/pause-store.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import type { VirtualRedis } from './redis.ts';
import { localRedis } from '../support/local-redis.ts';
import { virtually } from './virtually.ts';

const real = localRedis();

const NEVER = new AbortController().signal;
const IDENTITY = {
  app: 'shop',
  processType: 'worker',
  name: 'worker.2',
  ordinal: 2,
  instance: 'worker.2#x',
  host: 'a',
};
const REPORT = { dyno: 'worker.2', concurrency: 3, bootedAt: 1, readyAt: 2 };

/** All that the clock and its workers do with Redis, one after the other, and what each step came to. */
async function steps(connection: RedisConnection, client: unknown): Promise<unknown[]> {
  const ports = portsOver(connection, ['worker']);
  const second = portsOver(connection, ['worker']);
  const pause = redisPauseStore(connection, stateKeys('shop'));
  const line = clockChannel(client, IDENTITY);
  const order = async (): Promise<unknown> => {
    const workers = (await ports.workers.read(['worker'], NEVER)).get('worker');
    const ordered = workers?.request;
    return [
      ordered?.limit,
      workers?.reports.map(({ resting, ...rest }) => [
        resting === undefined ? resting : resting === ordered?.epoch,
        { ...rest, ageMs: 0 },
      ]),
    ];
  };
  const now = async (): Promise<unknown> =>
    (await ports.workers.read(['worker'], NEVER)).get('worker')?.request;
  const results: unknown[] = [];
  const step = async (work: () => Promise<unknown>): Promise<void> => {
    results.push(await work().catch((thrown: { code?: string }) => `failed ${thrown.code}`));
  };
  const held = async (lease: typeof ports.lease): Promise<unknown> => {
    const answer: unknown = await lease.acquire(10_000, NEVER);
    return typeof answer === 'object' ? { ...answer } : answer;
  };
  await step(async () => await ports.lease.confirm(5000, NEVER));
  await step(async () => await held(ports.lease));
  await step(async () => await held(ports.lease));
  await step(async () => await held(second.lease));
  await step(async () => await ports.lease.confirm(5000, NEVER));
  await step(async () => await second.lease.confirm(5000, NEVER));
  await step(async () => (await line.heartbeat(REPORT))?.limit);
  await step(order);
  await step(
    async () =>
      await ports.workers.write(
        { processType: 'worker', request: undefined, step: { kind: 'ask', limit: 1 }, forMs: 30_000 },
        NEVER,
      ),
  );
  await step(order);
  const asked = (await now()) as DrainRequest | undefined;
  await step(async () => (await line.heartbeat({ ...REPORT, resting: asked?.epoch }))?.limit);
  await step(order);
  await step(
    async () =>
      await ports.workers.write(
        {
          processType: 'worker',
          request: asked,
          step: { kind: 'keep', limit: 0, epoch: asked?.epoch ?? '' },
          forMs: 30_000,
        },
        NEVER,
      ),
  );
  await step(order);
  await step(
    async () =>
      await second.workers.write(
        { processType: 'worker', request: asked, step: { kind: 'ask', limit: 0 }, forMs: 30_000 },
        NEVER,
      ),
  );
  await step(
    async () =>
      await ports.workers.write(
        {
          processType: 'worker',
          request: asked,
          step: { kind: 'release', epoch: asked?.epoch ?? '' },
          forMs: 30_000,
        },
        NEVER,
      ),
  );
  await step(order);
  await step(async () => await line.removeReport());
  await step(order);
  await step(async () => await pause.set({ by: 'a test' }, Date.now(), NEVER));
  await step(async () => await pause.read(Date.now(), NEVER));
  await step(async () => await pause.clear(NEVER));
  await step(async () => [...(await ports.store.load(['worker'], NEVER))]);
  await step(async () => await ports.lease.release(NEVER));
  await step(async () => await held(second.lease));
  await step(async () => await ports.lease.confirm(5000, NEVER));
  return results;
}

test('what the clock and its workers do comes to the same as with Redis', async () => {
  const expected = await steps(real.connection, real.redis);
  const answers = await virtually(async (client) => {
    return await steps(connectionOver(asRedis(client), { tlsVerify: true }), client);
  });
  expect(answers).toEqual(expected);
});

/** Copies the world's keys to a real Redis. */
async function copy(redis: VirtualRedis): Promise<void> {
  const { data } = redis;
  for (const key of data.keys()) {
    const ttlMs = data.ttlMs(key);
    const kind = data.typeOf(key);
    if (kind === 'string') await real.redis.set(key, data.text(key) ?? '');
    if (kind === 'list') await real.redis.rpush(key, ...data.list(key));
    if (kind === 'hash') await real.redis.hset(key, Object.fromEntries(data.hash(key)));
    if (kind === 'zset') {
      await real.redis.zadd(key, ...data.sorted(key).flatMap(([member, score]) => [String(score), member]));
    }
    if (ttlMs > 0) await real.redis.pexpire(key, ttlMs);
  }
}

test.each([
  ['by script', true],
  ['by plain commands', false],
])('queues read %s are read as from Redis', async (_, readOnlyScripts) => {
  const queues = ['jobs', 'limited', 'empty'];
  const at = Date.now();
  const selections = [{ patterns: queues, horizonMs: 60_000 }];
  const [seen, filled] = await virtually(async (client, redis) => {
    redis.readOnlyScripts = readOnlyScripts;
    const world = new Queues(redis, randomFrom(7));
    for (const queue of queues) {
      world.open(queue, [1000, 9000], queue === 'limited' ? { max: 2, durationMs: 60_000 } : undefined);
    }
    world.add('jobs', 30, 0);
    world.add('jobs', 5, 40_000);
    world.add('jobs', 5, 4_000_000);
    world.add('limited', 10, 0);
    for (let i = 0; i < 5; i += 1) world.take('jobs', i < 3 ? 'worker.1' : undefined, 'token');
    for (let i = 0; i < 5; i += 1) world.take('limited', 'worker.2', 'token');
    redis.data.delete('bull:jobs:3:lock');
    world.complete({ queue: 'jobs', id: '1', lengthMs: 1 }, 'token');
    const backlog = bullmqBacklog(connectionOver(asRedis(client), { tlsVerify: true }), { prefix: 'bull' });
    return [await backlog.read(selections, at, NEVER), redis] as const;
  });
  await copy(filled);
  const expected = await bullmqBacklog(real.connection, { prefix: 'bull' }).read(selections, at, NEVER);
  const timeless = (backlogs: typeof seen): unknown =>
    backlogs.map((backlog) => ({
      ...backlog,
      queues: backlog.queues.map(({ rateLimitedMs, limiter, ...queue }) => ({
        ...queue,
        closed: rateLimitedMs !== undefined,
        limiter: { ...limiter, leftMs: limiter?.leftMs !== undefined },
      })),
    }));
  expect(timeless(seen)).toEqual(timeless(expected));
  expect(
    seen[0]?.queues.map(({ name, waiting, active, orphaned }) => [name, waiting, active, orphaned]),
  ).toEqual([
    ['jobs', 25, 4, 1],
    ['limited', 8, 2, 0],
    ['empty', 0, 0, 0],
  ]);
});
