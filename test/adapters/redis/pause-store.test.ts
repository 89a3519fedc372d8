import { describe, expect, test } from 'vitest';

import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { redisPauseStore } from '../../../src/adapters/redis/pause-store.ts';
import { localRedis } from '../../support/local-redis.ts';

const keys = stateKeys('my-app');
const { signal } = new AbortController();

const local = localRedis();

test('a pause exists until it ends, and then its key is gone', async () => {
  const store = redisPauseStore(local.connection, keys);
  const at = Date.now();
  expect(await store.read(at, signal)).toBeUndefined();
  await store.set({ by: 'the dashboard', until: at + 60_000 }, at, signal);
  expect(await store.read(at, signal)).toEqual({ by: 'the dashboard', until: at + 60_000 });
  expect(await store.read(at + 60_000, signal)).toBeUndefined();
  const leftMs = await local.connection.use(signal, async (client) => await client.pttl(keys.pause));
  expect(leftMs).toBeGreaterThan(50_000);
  expect(leftMs).toBeLessThanOrEqual(60_000);
});

test('a pause without an end exists until it is cleared', async () => {
  const store = redisPauseStore(local.connection, keys);
  await store.set({ by: 'the command line' }, Date.now(), signal);
  expect(await store.read(Date.now() + 86_400_000, signal)).toEqual({ by: 'the command line' });
  await store.clear(signal);
  expect(await store.read(Date.now(), signal)).toBeUndefined();
});

test.each(['no JSON', '{"until":"soon","by":"x"}', '{}'])(
  'a pause of %s is a failure, not permission to act',
  async (text) => {
    await local.connection.use(signal, async (client) => await client.set(keys.pause, text));
    await expect(redisPauseStore(local.connection, keys).read(Date.now(), signal)).rejects.toMatchObject({
      code: 'REDIS_REPLY',
    });
  },
);

describe('values that Drover does not write', () => {
  const planted = async (pause: object): Promise<unknown> => {
    await local.connection.use(
      signal,
      async (client) => await client.set(keys.pause, JSON.stringify(pause), 'PX', 60_000),
    );
    return await redisPauseStore(local.connection, keys).read(AT, signal);
  };
  const AT = Date.UTC(2026, 0, 1);
  const YEAR_MS = 365 * 86_400_000;

  test.each([
    { name: 'a line that imitates a log line', by: 'me\nworker: set to 50' },
    { name: 'an escape sequence of a terminal', by: '\u001B[2J' },
    { name: 'a mention', by: '@channel https://example.test' },
  ])('the author becomes an unknown client: $name', async ({ by }) => {
    expect(await planted({ by })).toEqual({ by: 'an unknown client' });
  });

  test.each([
    { name: 'after the last date', until: 1e300 },
    { name: 'later than a command can request', until: AT + 2 * YEAR_MS },
    { name: 'before 1970', until: -1 },
  ])('a pause until a time $name is ignored', async ({ until }) => {
    expect(await planted({ by: 'the dashboard', until })).toBeUndefined();
  });

  test('a pause of a year from a machine whose clock is ahead is valid', async () => {
    const until = AT + YEAR_MS + 600_000;
    expect(await planted({ by: 'the command line', until })).toEqual({ by: 'the command line', until });
  });
});
