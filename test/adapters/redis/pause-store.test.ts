import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { connectRedis, type RedisConnection } from '../../../src/adapters/redis/connect.ts';
import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { redisPauseStore } from '../../../src/adapters/redis/pause-store.ts';
import { startRedisServer, type RedisServer } from '../../../src/standin/redis-server.ts';

const keys = stateKeys('my-app');
const { signal } = new AbortController();

let server: RedisServer;
let connection: RedisConnection;

beforeAll(async () => {
  server = await startRedisServer();
  connection = connectRedis(server.url, { tlsVerify: true });
});
beforeEach(async () => {
  await connection.use(signal, async (client) => await client.flushall());
});
afterAll(async () => {
  connection.close();
  await server.stop();
});

test('a pause is there until it is over, and then its key is not', async () => {
  const store = redisPauseStore(connection, keys);
  const at = Date.now();
  expect(await store.read(at, signal)).toBeUndefined();
  await store.set({ by: 'the dashboard', until: at + 60_000 }, at, signal);
  expect(await store.read(at, signal)).toEqual({ by: 'the dashboard', until: at + 60_000 });
  expect(await store.read(at + 60_000, signal)).toBeUndefined();
  const leftMs = await connection.use(signal, async (client) => await client.pttl(keys.pause));
  expect(leftMs).toBeGreaterThan(50_000);
  expect(leftMs).toBeLessThanOrEqual(60_000);
});

test('one without an end is there until it is ended', async () => {
  const store = redisPauseStore(connection, keys);
  await store.set({ by: 'the command line' }, Date.now(), signal);
  expect(await store.read(Date.now() + 86_400_000, signal)).toEqual({ by: 'the command line' });
  await store.clear(signal);
  expect(await store.read(Date.now(), signal)).toBeUndefined();
});

test.each(['no JSON', '{"until":"soon","by":"x"}', '{}'])('%s is no leave to act', async (text) => {
  await connection.use(signal, async (client) => await client.set(keys.pause, text));
  await expect(redisPauseStore(connection, keys).read(Date.now(), signal)).rejects.toMatchObject({
    code: 'REDIS_REPLY',
  });
});
