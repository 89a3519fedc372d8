import { expect, test } from 'vitest';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import { queueDirectory } from '../../../src/adapters/bullmq/queue-directory.ts';
import type { Backlog } from '../../../src/ports.ts';
import { localRedis } from '../../support/local-redis.ts';
import { backlogOf } from './reading.ts';

const MINUTE_MS = 60_000;

const local = localRedis();

async function open(...queues: string[]): Promise<void> {
  for (const name of queues) await local.redis.hset(`bull:${name}:meta`, 'version', 'bullmq:6.7.0');
}

async function scans(): Promise<number> {
  return Number(/cmdstat_scan:calls=(\d+)/.exec(await local.redis.info('commandstats'))?.[1] ?? 0);
}

function reader(patterns: readonly string[]): (at: number) => Promise<Backlog> {
  const source = bullmqBacklog(local.connection, { prefix: 'bull' });
  return async (at) => await backlogOf(source, patterns, { at });
}

function names({ queues }: Backlog): string[] {
  return queues.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1));
}

test('a new queue appears with the next sweep; a removed one is dropped at once without an error', async () => {
  await open('mail-a', 'mail-b', 'sms');
  const read = reader(['mail-*']);
  expect(names(await read(0))).toEqual(['mail-a', 'mail-b']);
  await open('mail-c');
  await local.redis.del('bull:mail-a:meta');
  const soon = await read(MINUTE_MS / 2);
  expect(names(soon)).toEqual(['mail-b']);
  expect(soon.unreadable).toEqual([]);
  await read(MINUTE_MS + 1);
  await expect.poll(async () => names(await read(MINUTE_MS + 2))).toEqual(['mail-b', 'mail-c']);
});

test('SCAN covers the keyspace once, then pauses for a minute', async () => {
  await open('mail');
  const read = reader(['*']);
  await local.redis.config('RESETSTAT');
  for (let tick = 0; tick < 6; tick += 1) await read(tick * 10_000);
  expect(await scans()).toBe(1);
  await read(MINUTE_MS + 1);
  await expect.poll(scans).toBe(2);
});

test('a sweep stops after 200 steps and continues at the next tick', async () => {
  await open('first', 'last');
  await local.redis.eval("for i = 1, 300000 do redis.call('SET', 'bull:first:' .. i, '') end", 0);
  await local.redis.config('RESETSTAT');
  const directory = queueDirectory('bull');
  await directory.sweep([local.redis], 0);
  expect(directory.complete).toBe(false);
  expect(await scans()).toBe(200);
  await directory.sweep([local.redis], 10_000);
  expect(directory.complete).toBe(true);
  expect([...directory.names].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['first', 'last']);
  expect(await scans()).toBeLessThan(400);
});

test('a pattern is unreadable while the first search is running; queues found so far are read', async () => {
  await open('mail');
  await local.redis.eval("for i = 1, 250000 do redis.call('SET', 'bull:mail:' .. i, '') end", 0);
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
  await local.redis.set('bull:id', 'x');
  await local.redis.hset('bull:a:b:meta', 'x', '1');
  await local.redis.hset('bull:mail:ideas', 'x', '1');
  await local.redis.hset('b*ll:wrong:meta', 'x', '1');
  await open('mail');
  expect(names(await reader(['*'])(0))).toEqual(['mail']);
  const source = bullmqBacklog(local.connection, { prefix: 'b*ll' });
  expect(names(await backlogOf(source, ['*'], { at: 0 }))).toEqual(['wrong']);
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
