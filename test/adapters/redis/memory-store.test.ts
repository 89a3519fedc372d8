import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { connectRedis, type RedisConnection } from '../../../src/adapters/redis/connect.ts';
import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { parseKept, redisMemoryStore } from '../../../src/adapters/redis/memory-store.ts';
import type { Remembered } from '../../../src/ports.ts';
import { startRedisServer, type RedisServer } from '../../../src/standin/redis-server.ts';

let server: RedisServer;
let redis: RedisConnection;
const { signal } = new AbortController();
const keys = stateKeys('my-app');

const kept: Remembered = {
  memory: { version: 1, peaks: [[1000, 7]], queues: [], fleet: { quantity: 7, booting: [] } },
  standing: { quantity: 7, asked: 9, heldUntil: 5000, handsOff: false, limit: { count: 10, until: 6000 } },
};

beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.url, { tlsVerify: true });
});

afterAll(async () => {
  redis.close();
  await server.stop();
});

beforeEach(async () => {
  await redis.use(signal, async (client) => await client.flushall());
});

test('what is saved is loaded again, by its process type', async () => {
  const store = redisMemoryStore(redis, keys, () => {});
  await store.save(new Map([['worker', kept]]), signal);
  expect(await store.load(['worker', 'mailer'], signal)).toEqual(new Map([['worker', kept]]));
  const key = 'drover:{my-app}:memory:worker';
  expect(await redis.use(signal, async (client) => await client.pttl(key))).toBeGreaterThan(0);
});

describe('what we would not have written', () => {
  const good = JSON.stringify({ version: 1, ...kept });
  const rows = [
    { name: 'is no JSON', text: '{' },
    { name: 'is empty', text: '' },
    { name: 'is of a newer version', text: good.replace('"version":1', '"version":2') },
    { name: 'has a quantity below zero', text: good.replace('"quantity":7', '"quantity":-7') },
    { name: 'has a peak that is no number', text: good.replace('[1000,7]', '[1000,"7"]') },
    { name: 'has no memory', text: good.replace('"memory"', '"other"') },
    { name: 'is longer than ours could be', text: `${good}${' '.repeat(1_000_000)}` },
  ];
  test.each(rows)('and $name is discarded, and told', async ({ text }) => {
    await redis.use(signal, async (client) => await client.set(keys.memory('worker'), text));
    const discarded: string[] = [];
    const store = redisMemoryStore(redis, keys, (processType) => discarded.push(processType));
    expect(await store.load(['worker'], signal)).toEqual(new Map());
    expect(discarded).toEqual(['worker']);
  });

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => parseKept(text)).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  test('the rows above are of something that is loaded when it is left as it is', () => {
    expect(parseKept(good)).toEqual(kept);
  });
});

test('a Redis that takes no writes is told as such', async () => {
  await redis.use(signal, async (client) => await client.config('SET', 'maxmemory', '1'));
  const store = redisMemoryStore(redis, keys, () => {});
  await expect(store.save(new Map([['worker', kept]]), signal)).rejects.toMatchObject({ code: 'REDIS_OOM' });
});
