import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { RedisConnection } from '../../../src/adapters/redis/connect.ts';
import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { redisLease } from '../../../src/adapters/redis/lease.ts';
import { localRedis } from '../../support/local-redis.ts';

const local = localRedis();
const { signal } = new AbortController();
const keys = stateKeys('my-app');

const clock = (): ReturnType<typeof redisLease> => redisLease(local.connection, keys, ['worker']);

describe('of two clocks', () => {
  test('one holds the lease while it renews it, the other stands by', async () => {
    const [one, two] = [clock(), clock()];
    expect(await one.acquire(10_000, signal)).toBe('taken');
    expect(await two.acquire(10_000, signal)).toBe('standby');
    expect(await one.acquire(10_000, signal)).toBe('kept');
    await one.confirm(10_000, signal);
    await expect(two.confirm(10_000, signal)).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  test('the second takes over when the first releases the lease', async () => {
    const [one, two] = [clock(), clock()];
    await one.acquire(10_000, signal);
    await one.release(signal);
    expect(await two.acquire(10_000, signal)).toBe('taken');
    await expect(one.confirm(10_000, signal)).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  test('the second takes over when the lease of the first expires, and the first must not act', async () => {
    const [one, two] = [clock(), clock()];
    await one.acquire(30, signal);
    await expect.poll(async () => await two.acquire(10_000, signal)).toBe('taken');
    await expect(one.confirm(10_000, signal)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await one.acquire(10_000, signal)).toBe('standby');
  });

  test('the first does not release the lease of the second', async () => {
    const [one, two] = [clock(), clock()];
    await one.acquire(30, signal);
    await delay(40);
    await two.acquire(10_000, signal);
    await one.release(signal);
    await expect(two.confirm(10_000, signal)).resolves.toBeUndefined();
  });
});

test('a clock that slept through its lease must not act on an old decision, even if it has the lease again', async () => {
  const sleeper = clock();
  await sleeper.acquire(10_000, signal);
  // Another clock held the lease in between: the key is the sleeper's again, the fence is newer.
  await local.connection.use(signal, async (client) => await client.set(keys.fence, '1 another'));
  await expect(sleeper.confirm(10_000, signal)).rejects.toMatchObject({ code: 'LEASE_LOST' });
});

describe('an expired lease', () => {
  test('that no other clock took is kept: the clock’s memory is complete', async () => {
    const one = clock();
    await one.acquire(30, signal);
    await delay(40);
    await one.confirm(10_000, signal);
    expect(await clock().acquire(10_000, signal)).toBe('standby');
    expect(await one.acquire(10_000, signal)).toBe('kept');
  });

  test('that another clock had in between is taken again: that clock may have acted', async () => {
    const [one, two] = [clock(), clock()];
    await one.acquire(30, signal);
    await delay(40);
    await two.acquire(10_000, signal);
    await two.release(signal);
    expect(await one.acquire(10_000, signal)).toBe('taken');
    expect(one.previousToken).toBeDefined();
  });
});

test('the lease covers the write for the confirmed time', async () => {
  const one = clock();
  await one.acquire(2000, signal);
  await one.confirm(60_000, signal);
  expect(await local.connection.use(signal, async (client) => await client.pttl(keys.lease))).toBeGreaterThan(
    50_000,
  );
});

describe('the fence', () => {
  test('is renewed with the lease', async () => {
    const one = clock();
    await one.acquire(10_000, signal);
    await local.connection.use(signal, async (client) => await client.pexpire(keys.fence, 1000));
    expect(await one.acquire(10_000, signal)).toBe('kept');
    expect(
      await local.connection.use(signal, async (client) => await client.pttl(keys.fence)),
    ).toBeGreaterThan(29 * 86_400_000);
  });

  test('has a new value after Redis lost it', async () => {
    const [one, two] = [clock(), clock()];
    await one.acquire(10_000, signal);
    const { token } = one;
    await local.connection.use(signal, async (client) => await client.del(keys.fence, keys.lease));
    expect(await two.acquire(10_000, signal)).toBe('taken');
    expect(two.token).not.toBe(token);
    expect(parseInt(two.token ?? '', 10)).toBeGreaterThanOrEqual(parseInt(token ?? '', 10));
    await two.release(signal);
    expect(await one.acquire(10_000, signal)).toBe('taken');
    await one.confirm(10_000, signal);
  });
});

describe('values that another client wrote to its keys', () => {
  test.each<{ name: string; plant: (client: RedisConnection['client']) => Promise<unknown> }>([
    { name: 'a fence that is not a number', plant: async (client) => await client.set(keys.fence, 'NaN') },
    { name: 'an infinite fence', plant: async (client) => await client.set(keys.fence, '1e400') },
    { name: 'a fence of another type', plant: async (client) => await client.hset(keys.fence, 'a', '1') },
    { name: 'a lease of another type', plant: async (client) => await client.hset(keys.lease, 'a', '1') },
    { name: 'a lease without an expiry', plant: async (client) => await client.set(keys.lease, 'x') },
  ])('count as missing: $name', async ({ plant }) => {
    await local.connection.use(signal, plant);
    const one = clock();
    expect(await one.acquire(10_000, signal)).toBe('taken');
    expect(await one.acquire(10_000, signal)).toBe('kept');
    await one.confirm(10_000, signal);
  });

  test('do not hold the lease for longer than a tick may take', async () => {
    const hours = async (client: RedisConnection['client']): Promise<unknown> =>
      await client.set(keys.lease, 'x', 'PX', 7_200_000);
    await local.connection.use(signal, hours);
    expect(await clock().acquire(10_000, signal)).toBe('standby');
    const left = await local.connection.use(signal, async (client) => await client.pttl(keys.lease));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(45_000);
  });
});

test('two Drovers of one app that scale different process types fail with a conflict', async () => {
  await redisLease(local.connection, keys, ['worker']).acquire(10_000, signal);
  const other = redisLease(local.connection, keys, ['mailer']);
  await expect(other.acquire(10_000, signal)).rejects.toMatchObject({
    code: 'LEASE_CONFLICT',
    message:
      'another Drover of this app scales worker, this one mailer: one clock has to scale all process types',
    remedy: expect.stringContaining('PROCESS_TYPES=mailer,worker'),
  });
});

test('every key begins with drover: and expires', async () => {
  await clock().acquire(10_000, signal);
  const found = await local.connection.use(signal, async (client) => await client.keys('*'));
  expect(found.toSorted()).toEqual(['drover:{my-app}:fence', 'drover:{my-app}:lease']);
  for (const key of found) {
    expect(await local.connection.use(signal, async (client) => await client.pttl(key))).toBeGreaterThan(0);
  }
});
