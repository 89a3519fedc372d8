import type { DrainRequest } from '../../src/core/drain.ts';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { bullmqBacklog } from '../../src/adapters/bullmq/backlog.ts';
import { connectionOver, connectRedis, type RedisConnection } from '../../src/adapters/redis/connect.ts';
import { randomFrom, type Random } from '../../src/sim/random.ts';
import { startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';
import { clockChannel } from '../../src/worker/clock-channel.ts';
import { asRedis, portsOver } from './clock.ts';
import { Queues } from './queues.ts';
import { redisPauseStore } from '../../src/adapters/redis/pause-store.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import { RedisClient } from './redis-client.ts';
import { VirtualRedis } from './redis.ts';
import { Time } from './time.ts';

let server: RedisServer;
let real: Redis;
beforeAll(async () => {
  server = await startRedisServer({});
  real = new Redis(server.port);
});
afterAll(async () => {
  real.disconnect();
  await server.stop();
});

/** Runs work in a world of its own, whose time goes on until the work is done. */
async function virtually<T>(work: (client: RedisClient, redis: VirtualRedis) => Promise<T>): Promise<T> {
  const time = new Time(Date.now());
  const redis = new VirtualRedis(time, randomFrom(1));
  const machine = time.machine('test');
  const client = new RedisClient(redis, machine, true);
  const restore = time.install();
  try {
    const ended: ({ value: T } | { thrown: unknown })[] = [];
    time.on(machine, 0, () => {
      work(client, redis).then(
        (value) => ended.push({ value }),
        (thrown: unknown) => ended.push({ thrown }),
      );
    });
    for (let i = 0; i < 1000 && ended.length === 0; i += 1) await time.advance(time.now + 100);
    const [end] = ended;
    if (end === undefined) throw new Error('the work did not end');
    if ('thrown' in end) throw end.thrown;
    return end.value;
  } finally {
    restore();
  }
}

const KEYS = ['a', 'b', 'c'];
const WORDS = ['x', 'y', 'z', '1', '2', '-3'];

type Command = readonly [name: string, ...args: string[]];
type Ask = (name: string, ...args: string[]) => Promise<unknown>;

function anyCommand(random: Random): Command {
  const one = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  const [key, word, other] = [one(KEYS), one(WORDS), one(WORDS)];
  const index = String(Math.floor(random() * 6) - 3);
  const commands: Command[] = [
    ['SET', key, word],
    ['SET', key, word, 'PX', '100000'],
    ['SET', key, word, 'NX'],
    ['SET', key, word, 'XX'],
    ['GET', key],
    ['MGET', key, one(KEYS)],
    ['INCR', key],
    ['DEL', key],
    ['EXISTS', key, one(KEYS)],
    ['TYPE', key],
    ['PEXPIRE', key, '100000'],
    ['TTL', key],
    ['HSET', key, word, other],
    ['HGET', key, word],
    ['HMGET', key, word, other],
    ['HDEL', key, word],
    ['HLEN', key],
    ['HEXISTS', key, word],
    ['HSTRLEN', key, word],
    ['SADD', key, word, other],
    ['HGETALL', key],
    ['HVALS', key],
    ['LPUSH', key, word, other],
    ['RPUSH', key, word],
    ['RPOP', key],
    ['LLEN', key],
    ['LRANGE', key, index, '-1'],
    ['LRANGE', key, '0', index],
    ['LINDEX', key, index],
    ['LREM', key, '0', word],
    ['LREM', key, '1', word],
    ['ZADD', key, index, word],
    ['ZCARD', key],
    ['ZCOUNT', key, '-inf', index],
    ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
    ['ZRANGE', key, '-1', '-1'],
    ['ZRANGEBYSCORE', key, index, '+inf', 'LIMIT', '0', '1'],
    ['ZREM', key, word],
    ['EVAL', SCRIPT, '1', key, word],
    ['NONSENSE', key],
  ];
  return commands[Math.floor(random() * commands.length)] ?? ['GET', key];
}

/** What scripts meet: absent values, errors, numbers, tables. */
const SCRIPT = `
local reply = redis.pcall('GET', KEYS[1])
if type(reply) == 'table' and reply.err then return reply end
local good, decoded = pcall(cjson.decode, reply or 'no json')
local set = redis.call('SET', KEYS[1], cjson.encode({ list = { 1.5, ARGV[1], 1 / 3, 1772438891908 } }))
return { reply, good and 1 or 0, tonumber(ARGV[1]) or false, 2.9, set.ok, #KEYS }
`;

/** An error counts by its first word: the rest is for people. Of a remaining time it counts that there is one. */
async function said([name, ...args]: Command, answer: Ask): Promise<unknown> {
  const reply = await answer(name, ...args).catch(
    (thrown: Error) => `error ${/^\w+/.exec(thrown.message)?.[0] ?? ''}`,
  );
  return name === 'TTL' && typeof reply === 'number' && reply > 0 && reply <= 100 ? 'some seconds' : reply;
}

test.each([1, 2, 3, 4, 5])('commands by chance are answered as Redis does (%i)', async (seed) => {
  const random = randomFrom(seed);
  const commands = Array.from({ length: 400 }, () => anyCommand(random));
  await real.flushall();
  const expected: unknown[] = [];
  const ask: Ask = async (name, ...args) => await real.call(name, ...args);
  for (const command of commands) expected.push(await said(command, ask));
  const answers = await virtually(async (client) => {
    const all: unknown[] = [];
    for (const command of commands) {
      all.push(await said(command, async (name, ...args) => await client.call(name, ...args)));
    }
    return all;
  });
  expect(expected).toContain('some seconds');
  for (const [index, command] of commands.entries()) {
    expect([command, answers[index]]).toEqual([command, expected[index]]);
  }
});

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
  await real.flushall();
  const connection = connectRedis(`redis://127.0.0.1:${server.port}`, { tlsVerify: true });
  const expected = await steps(connection, real).finally(() => connection.close());
  const answers = await virtually(async (client) => {
    return await steps(connectionOver(asRedis(client), { tlsVerify: true }), client);
  });
  expect(answers).toEqual(expected);
});

/** Copies the world's keys to a real Redis. */
async function copy(redis: VirtualRedis): Promise<void> {
  await real.flushall();
  const { data } = redis;
  for (const key of data.keys()) {
    const ttlMs = data.ttlMs(key);
    const kind = data.typeOf(key);
    if (kind === 'string') await real.set(key, data.text(key) ?? '');
    if (kind === 'list') await real.rpush(key, ...data.list(key));
    if (kind === 'hash') await real.hset(key, Object.fromEntries(data.hash(key)));
    if (kind === 'zset') {
      await real.zadd(key, ...data.sorted(key).flatMap(([member, score]) => [String(score), member]));
    }
    if (ttlMs > 0) await real.pexpire(key, ttlMs);
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
  const connection = connectRedis(`redis://127.0.0.1:${server.port}`, { tlsVerify: true });
  const expected = await bullmqBacklog(connection, { prefix: 'bull' })
    .read(selections, at, NEVER)
    .finally(() => connection.close());
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
