import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import { queueDirectory } from '../../../src/adapters/bullmq/queue-directory.ts';
import { connectRedis, type RedisConnection } from '../../../src/adapters/redis/connect.ts';
import type { Backlog } from '../../../src/ports.ts';
import { startRedisServer, type RedisServer } from '../../../src/standin/redis-server.ts';
import { patience } from '../../support/patience.ts';

const MINUTE_MS = 60_000;

let server: RedisServer;
let admin: Redis;
let connection: RedisConnection;

beforeAll(async () => {
  server = await startRedisServer();
  admin = new Redis(server.url);
  connection = connectRedis(server.url, { tlsVerify: true });
});
afterAll(async () => {
  connection.close();
  admin.disconnect();
  await server.stop();
});
afterEach(async () => {
  await admin.flushall();
});

async function open(...queues: string[]): Promise<void> {
  for (const name of queues) await admin.hset(`bull:${name}:meta`, 'version', 'bullmq:6.7.0');
}

async function scans(): Promise<number> {
  return Number(/cmdstat_scan:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
}

function reader(patterns: readonly string[]): (at: number) => Promise<Backlog> {
  const source = bullmqBacklog(connection, { prefix: 'bull' });
  return async (at) => {
    const [backlog] = await source.read([{ patterns, horizonMs: 0 }], at, patience());
    if (!backlog) throw new Error('no backlog');
    return backlog;
  };
}

function names({ queues }: Backlog): string[] {
  return queues.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1));
}

test('a new queue appears with the next sweep; a removed one is dropped at once without an error', async () => {
  await open('mail-a', 'mail-b', 'sms');
  const read = reader(['mail-*']);
  expect(names(await read(0))).toEqual(['mail-a', 'mail-b']);
  await open('mail-c');
  await admin.del('bull:mail-a:meta');
  const soon = await read(MINUTE_MS / 2);
  expect(names(soon)).toEqual(['mail-b']);
  expect(soon.unreadable).toEqual([]);
  await read(MINUTE_MS + 1);
  await expect.poll(async () => names(await read(MINUTE_MS + 2))).toEqual(['mail-b', 'mail-c']);
});

test('SCAN covers the keyspace once, then pauses for a minute', async () => {
  await open('mail');
  const read = reader(['*']);
  await admin.config('RESETSTAT');
  for (let tick = 0; tick < 6; tick += 1) await read(tick * 10_000);
  expect(await scans()).toBe(1);
  await read(MINUTE_MS + 1);
  await expect.poll(scans).toBe(2);
});

test('a sweep stops after 200 steps and continues at the next tick', async () => {
  await open('first', 'last');
  await admin.eval("for i = 1, 300000 do redis.call('SET', 'bull:first:' .. i, '') end", 0);
  await admin.config('RESETSTAT');
  const directory = queueDirectory('bull');
  await directory.sweep([admin], 0);
  expect(directory.complete).toBe(false);
  expect(await scans()).toBe(200);
  await directory.sweep([admin], 10_000);
  expect(directory.complete).toBe(true);
  expect([...directory.names].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['first', 'last']);
  expect(await scans()).toBeLessThan(400);
});

test('a pattern is unreadable while the first search is running; queues found so far are read', async () => {
  await open('mail');
  await admin.eval("for i = 1, 250000 do redis.call('SET', 'bull:mail:' .. i, '') end", 0);
  const read = reader(['*']);
  const first = await read(0);
  expect(first.unreadable.map(({ queue, failure }) => [queue, failure.code])).toEqual([
    ['*', 'QUEUE_UNREADABLE'],
  ]);
  const next = async (): Promise<unknown> => {
    const { queues, unreadable } = await read(10_000);
    return [queues.map(({ name }) => name), unreadable];
  };
  await expect.poll(next).toEqual([['mail'], []]);
});

test('a pattern without a match is an error, as a missing name is', async () => {
  await open('mail');
  const { queues, unreadable } = await reader(['sms-*'])(0);
  expect(queues).toEqual([]);
  expect(unreadable.map(({ queue, failure }) => [queue, failure.code])).toEqual([['sms-*', 'QUEUE_MISSING']]);
});

test('keys of other programs are ignored, and prefixes may have special characters', async () => {
  await admin.set('bull:id', 'x');
  await admin.hset('bull:a:b:meta', 'x', '1');
  await admin.hset('bull:mail:ideas', 'x', '1');
  await admin.hset('b*ll:wrong:meta', 'x', '1');
  await open('mail');
  expect(names(await reader(['*'])(0))).toEqual(['mail']);
  const source = bullmqBacklog(connection, { prefix: 'b*ll' });
  const [backlog] = await source.read([{ patterns: ['*'], horizonMs: 0 }], 0, patience());
  expect(backlog && names(backlog)).toEqual(['wrong']);
});

test('names that are too long or too many make a pattern unreadable, not incomplete', async () => {
  await open('mail', 'x'.repeat(1_000_000));
  const { queues, unreadable } = await reader(['*'])(0);
  expect(queues.map(({ name }) => name)).toEqual(['mail']);
  expect(unreadable.map(({ failure }) => failure.code)).toEqual(['QUEUE_UNREADABLE']);
});

test('names chosen to force backtracking cost no more than others', async () => {
  // Ten of them took a regular expression 54 s.
  await open('mail-a-b-c-jobs', ...Array.from({ length: 10 }, (_, index) => `${'-'.repeat(500)}${index}`));
  expect(names(await reader(['*-*-*-*-jobs'])(0))).toEqual(['mail-a-b-c-jobs']);
});
