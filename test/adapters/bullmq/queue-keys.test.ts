import { Queue, QueueKeys } from 'bullmq';
import { beforeAll, expect, test } from 'vitest';

import {
  dueAt,
  dueScore,
  LIMITER_CLOSED,
  priorityClassScore,
  queueBase,
} from '../../../src/adapters/bullmq/queue-keys.ts';
import { SNAPSHOT_SCRIPT } from '../../../src/adapters/bullmq/snapshot-script.ts';
import { localRedis } from '../../support/local-redis.ts';

const local = localRedis();
let queue: Queue;

beforeAll(() => {
  queue = new Queue('mail', { connection: local.redis, prefix: 'pre' });
});

test('the script reads only keys that BullMQ has, by BullMQ’s names', () => {
  const keys = new QueueKeys('pre').getKeys('mail');
  const read = [...SNAPSHOT_SCRIPT.matchAll(/base \.\. '([a-z-]+)'/g)].map((match) => match[1] ?? '');
  expect(new Set(read)).toEqual(
    new Set([
      'wait',
      'paused',
      'prioritized',
      'delayed',
      'active',
      'waiting-children',
      'id',
      'meta',
      'limiter',
      'completed',
    ]),
  );
  for (const key of read) expect(queueBase('pre', 'mail') + key).toBe(keys[key]);
});

test('scores are interpreted as BullMQ writes them', async () => {
  const before = Date.now();
  const delayed = await queue.add('job', {}, { delay: 5_000 });
  const score = Number(await local.redis.zscore('pre:mail:delayed', delayed.id ?? ''));
  expect(dueAt(score)).toBe(delayed.timestamp + 5_000);
  expect(dueAt(score)).toBeGreaterThanOrEqual(before + 5_000);
  expect(score).toBeLessThanOrEqual(dueScore(dueAt(score)));
  expect(score).toBeGreaterThan(dueScore(dueAt(score) - 1));

  const urgent = await queue.add('job', {}, { priority: 7 });
  await queue.add('job', {}, { priority: 8 });
  const class7 = priorityClassScore(
    Number(await local.redis.zscore('pre:mail:prioritized', urgent.id ?? '')),
  );
  expect(await local.redis.zrangebyscore('pre:mail:prioritized', class7, '+inf', 'LIMIT', 0, 1)).toEqual([
    urgent.id,
  ]);
  expect(await local.redis.zcount('pre:mail:prioritized', '-inf', `(${class7}`)).toBe(0);
  expect(
    await local.redis.zcount('pre:mail:prioritized', '-inf', `(${priorityClassScore(class7 + 2 ** 32)}`),
  ).toBe(1);

  await queue.rateLimit(1_000);
  expect(Number(await local.redis.get('pre:mail:limiter'))).toBe(LIMITER_CLOSED);
});
