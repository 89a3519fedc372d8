import { readFileSync } from 'node:fs';

import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { beforeAll, describe, expect, test } from 'vitest';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import { preflightReading } from '../../../src/adapters/bullmq/preflight.ts';
import { connectRedis } from '../../../src/adapters/redis/connect.ts';
import type { Backlog } from '../../../src/ports.ts';
import { localRedis } from '../../support/local-redis.ts';
import { patience } from '../../support/patience.ts';
import { backlogOf } from './reading.ts';

/** The rules in docs/redis.md, line by line: the test uses what a user copies. */
const [WITH_SCRIPT, WITHOUT_SCRIPT, WITH_STATE] = [
  ...readFileSync(new URL('../../../docs/redis.md', import.meta.url), 'utf8').matchAll(
    /^ACL SETUSER drover on >PASSWORD (.+)$/gm,
  ),
].map((match) => match[1]?.split(' ') ?? []);

const local = localRedis({ keep: true });
/** Redis 6 has no EVAL_RO, and its rules know neither `%R~` nor selectors. */
let isOld: boolean;

/** The documented rules with the most rights that the server supports; for Redis 6 adapted as documented. */
function fullest(): readonly string[] {
  return (isOld ? WITHOUT_SCRIPT?.map((rule) => rule.replace('%R~', '~')) : WITH_SCRIPT) ?? [];
}

beforeAll(async () => {
  isOld = Number(/redis_version:(\d+)/.exec(await local.redis.info('server'))?.[1]) < 7;
  const mail = new Queue('mail', { connection: local.redis });
  await mail.add('job', {});
  await mail.add('job', {}, { priority: 1 });
  await mail.add('job', {}, { delay: 1 });
  await new Queue('empty', { connection: local.redis }).waitUntilReady();
  await local.redis.rpush('bull:mail:active', '77');
  await local.redis.set('bull:mail:limiter', Number.MAX_SAFE_INTEGER, 'PX', 60_000);
});

let users = 0;

/** The backlog and preflight of a user with these rules, and the commands refused to that user. */
async function as(
  rules: readonly string[],
  patterns: readonly string[],
): Promise<{ backlog: Backlog; preflight: Awaited<ReturnType<typeof preflightReading>>; refused: string[] }> {
  const user = `drover${(users += 1)}`;
  await local.redis.acl('SETUSER', user, 'on', '>pw', ...rules);
  const connection = connectRedis(`redis://${user}:pw@127.0.0.1:${local.port}`, { tlsVerify: true });
  try {
    const preflight = await preflightReading(connection, 'bull', patience());
    const backlog = await backlogOf(bullmqBacklog(connection, { prefix: 'bull' }), patterns);
    const refused: string[] = [];
    for (const [name, ...args] of [
      ['LPUSH', 'bull:mail:wait', 'x'],
      ['DEL', 'bull:mail:wait'],
      ['HSET', 'bull:mail:meta', 'paused', '1'],
      ['GET', 'session:1'],
      ['EVAL', "return redis.call('DEL', 'bull:mail:wait')", '0'],
      ['FLUSHALL'],
      ['KEYS', '*'],
      ['CONFIG', 'GET', '*'],
    ] as [string, ...string[]][]) {
      await connection.client.call(name, ...args).catch(() => refused.push(name));
    }
    return { backlog, preflight, refused };
  } finally {
    connection.close();
  }
}

const EVERYTHING = {
  waiting: 1,
  prioritized: 1,
  active: 1,
  orphaned: 1,
  rateLimitedMs: expect.any(Number),
  oldestReadyAt: expect.any(Number),
};
const FORBIDDEN = ['LPUSH', 'DEL', 'HSET', 'GET', 'EVAL', 'FLUSHALL', 'KEYS', 'CONFIG'];

describe('the documented ACL rules', () => {
  const SCRIPTS = ['+eval_ro', '+evalsha_ro'];

  test.for([
    { name: 'with scripts', old: false, rules: () => WITH_SCRIPT, mode: 'script', rights: [] },
    { name: 'without scripts', old: false, rules: () => WITHOUT_SCRIPT, mode: 'plain', rights: SCRIPTS },
    { name: 'with Drover’s own keys', old: false, rules: () => WITH_STATE, mode: 'script', rights: [] },
    { name: 'for Redis 6', old: true, rules: fullest, mode: 'plain', rights: [] },
  ])('$name allow every read and nothing else', async ({ old, rules, mode, rights }, { skip }) => {
    skip(old !== isOld, `needs Redis ${old ? '6, for the rules without selectors' : '7, for selectors'}`);
    const { backlog, preflight, refused } = await as(rules() ?? [], ['mail', 'm*']);
    expect(backlog.unreadable).toEqual([]);
    expect(backlog.queues).toEqual([expect.objectContaining(EVERYTHING)]);
    expect(preflight.mode).toBe(mode);
    expect(preflight.missing.map(({ rule }) => rule)).toEqual(rights);
    expect(preflight.server?.version ?? 'unknown').toMatch(isOld ? /^(6\.\d+|unknown)/ : /^\d+\.\d+/);
    expect(refused).toEqual(FORBIDDEN);
  });

  test('the last of them let Drover write its own keys and no others', async ({ skip }) => {
    skip(isOld, 'needs Redis 7, for selectors');
    await local.redis.acl('SETUSER', 'state', 'on', '>pw', ...(WITH_STATE ?? []));
    const state = new Redis({
      port: local.port,
      username: 'state',
      password: 'pw',
      enableReadyCheck: false,
    });
    expect(await state.set('drover:{app}:x', '1', 'PX', 1_000)).toBe('OK');
    expect(await state.eval("return redis.call('GET', KEYS[1])", 1, 'drover:{app}:x')).toBe('1');
    await expect(state.eval("return redis.call('DEL', KEYS[1])", 1, 'bull:mail:wait')).rejects.toThrow(
      'NOPERM',
    );
    state.disconnect();
  });
});

describe('without an optional right the counts are still read, and the preflight reports what is lost', () => {
  test.each([
    { right: '+lrange', lost: { orphaned: undefined }, says: 'Busy workers' },
    { right: '+mget', lost: { orphaned: undefined }, says: 'Busy workers' },
    { right: '+lindex', lost: {}, says: 'waiting time of the oldest job' },
    { right: '+zrange', lost: {}, says: 'waiting time of the oldest job' },
    { right: '+hstrlen', lost: {}, says: 'waiting time of the oldest job' },
    { right: '+pttl', lost: { rateLimitedMs: undefined }, says: 'rate limiter' },
  ])('$right', async ({ right, lost, says }) => {
    for (const rules of isOld ? [fullest()] : [WITH_SCRIPT, WITHOUT_SCRIPT]) {
      const { backlog, preflight } = await as(
        (rules ?? []).filter((rule) => rule !== right),
        ['mail'],
      );
      expect(backlog.unreadable).toEqual([]);
      expect(backlog.queues[0]).toMatchObject({ waiting: 1, prioritized: 1, active: 1 });
      for (const field of Object.keys(lost)) expect(backlog.queues[0]).not.toHaveProperty(field);
      const found = preflight.missing.filter(({ rule }) => rule === right);
      expect(found).toEqual([{ rule: right, needed: false, lost: expect.stringContaining(says) }]);
    }
  });

  test('+scan: a name is read, a pattern fails with REDIS_NOPERM', async () => {
    const rules = fullest().filter((rule) => rule !== '+scan');
    const { backlog } = await as(rules, ['mail', 'm*']);
    expect(backlog.queues.map(({ name }) => name)).toEqual(['mail']);
    expect(backlog.unreadable.map(({ failure }) => failure.code)).toEqual(['REDIS_NOPERM']);
  });
});

test.each([
  { right: '+llen', queue: 'mail' },
  { right: '+zcard', queue: 'mail' },
  { right: '+zcount', queue: 'mail' },
  { right: '+get', queue: 'mail' },
  { right: '+hmget', queue: 'mail' },
  // Used only if nothing else proves that the queue exists.
  { right: '+exists', queue: 'empty' },
])('without the required $right a queue is unreadable, never empty', async ({ right, queue }) => {
  const { backlog, preflight } = await as(
    fullest().filter((rule) => rule !== right),
    [queue],
  );
  expect(backlog.queues).toEqual([]);
  expect(backlog.unreadable.map(({ failure }) => failure.code)).toEqual(['REDIS_NOPERM']);
  expect(preflight.missing).toContainEqual({ rule: right, needed: true, lost: expect.any(String) });
});
