import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { connectRedis, type RedisConnection } from '../../../src/adapters/redis/connect.ts';
import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { redisLease } from '../../../src/adapters/redis/lease.ts';
import { startRedisServer, type RedisServer } from '../../../src/standin/redis-server.ts';

let server: RedisServer;
let redis: RedisConnection;
const { signal } = new AbortController();
const keys = stateKeys('my-app');

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

const clock = (): ReturnType<typeof redisLease> => redisLease(redis, keys);

describe('of two clocks', () => {
  test('one holds the lease while it renews it, the other waits', async () => {
    const [one, two] = [clock(), clock()];
    expect(await one.hold(10_000, signal)).toBe(true);
    expect(await two.hold(10_000, signal)).toBe(false);
    expect(await one.hold(10_000, signal)).toBe(true);
    await one.confirm(signal);
    await expect(two.confirm(signal)).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  test('the second takes over when the first gives it up', async () => {
    const [one, two] = [clock(), clock()];
    await one.hold(10_000, signal);
    await one.release(signal);
    expect(await two.hold(10_000, signal)).toBe(true);
    await expect(one.confirm(signal)).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  test('the second takes over when the first falls silent, which then must not act', async () => {
    const [one, two] = [clock(), clock()];
    await one.hold(30, signal);
    await expect.poll(async () => await two.hold(10_000, signal), { timeout: 2000 }).toBe(true);
    await expect(one.confirm(signal)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await one.hold(10_000, signal)).toBe(false);
  });

  test('giving it up takes it from nobody else', async () => {
    const [one, two] = [clock(), clock()];
    await one.hold(30, signal);
    await delay(40);
    await two.hold(10_000, signal);
    await one.release(signal);
    await expect(two.confirm(signal)).resolves.toBeUndefined();
  });
});

test('a clock that slept through its lease and got it back may not act on what it decided before', async () => {
  const sleeper = clock();
  await sleeper.hold(10_000, signal);
  // Another clock held it in between and is gone: the key is the sleeper's, the counter has moved on.
  await redis.use(signal, async (client) => await client.incr(keys.fence));
  await expect(sleeper.confirm(signal)).rejects.toMatchObject({ code: 'LEASE_LOST' });
});

test('every key begins with drover: and expires', async () => {
  await clock().hold(10_000, signal);
  const found = await redis.use(signal, async (client) => await client.keys('*'));
  expect(found.toSorted()).toEqual(['drover:{my-app}:fence', 'drover:{my-app}:lease']);
  for (const key of found) {
    expect(await redis.use(signal, async (client) => await client.pttl(key))).toBeGreaterThan(0);
  }
});
