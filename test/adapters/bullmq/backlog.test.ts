import { Queue } from 'bullmq';
import { describe, expect, test } from 'vitest';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import type { Backlog } from '../../../src/ports.ts';
import { localRedis } from '../../support/local-redis.ts';
import { until } from '../../support/patience.ts';
import { backlogOf, connectionsByMode, MODES, type Mode } from './reading.ts';
import { startWorker } from './start-worker.ts';

const HORIZON_MS = 40_000;

const local = localRedis();
const connectionBy = connectionsByMode(local);

async function read(
  mode: Mode,
  patterns: readonly string[],
  { prefix = 'bull', at = Date.now() }: { prefix?: string; at?: number } = {},
): Promise<Backlog> {
  const source = bullmqBacklog(connectionBy(mode), { prefix });
  return await backlogOf(source, patterns, { at, horizonMs: HORIZON_MS });
}

function queueOf(name: string, prefix = 'bull'): Queue {
  return new Queue(name, { connection: local.redis, prefix });
}

/** A worker that takes so many jobs and holds them until the test ends. */
async function hold(name: string, jobs: number, workerName: string): Promise<void> {
  const options = { connection: { port: local.port }, concurrency: jobs, name: workerName };
  startWorker(name, async (_, finished) => await finished, options);
  await until(async () => (await local.redis.llen(`bull:${name}:active`)) >= jobs);
}

describe.each(MODES)('read by %s', (mode) => {
  test('the backlog has the counts by state', async () => {
    const queue = queueOf('mail');
    await queue.addBulk(Array.from({ length: 5 }, () => ({ name: 'job', data: {} })));
    await queue.add('job', {}, { priority: 3 });
    await queue.add('job', {}, { priority: 9 });
    await queue.add('job', {}, { delay: 20_000 });
    await queue.add('job', {}, { delay: 3_600_000 });
    const { queues, unreadable } = await read(mode, ['mail']);
    expect(unreadable).toEqual([]);
    expect(queues).toEqual([
      {
        name: 'mail',
        waiting: 5,
        prioritized: 2,
        due: 0,
        dueSoon: 1,
        delayed: 2,
        active: 0,
        waitingChildren: 0,
        added: 9,
        orphaned: 0,
        paused: false,
        oldestReadyAt: expect.any(Number),
      },
    ]);
    const later = await read(mode, ['mail'], { at: Date.now() + 30_000 });
    expect(later.queues[0]).toMatchObject({ due: 1, dueSoon: 1 });
  });

  test('the backlog separates held jobs from orphans, and names the holders', async () => {
    const queue = queueOf('mail');
    await queue.addBulk(Array.from({ length: 4 }, () => ({ name: 'job', data: {} })));
    await hold('mail', 3, 'worker.2');
    await local.redis.del(`bull:mail:${(await local.redis.lrange('bull:mail:active', -1, -1))[0]}:lock`);
    const { queues, holders, holdersComplete } = await read(mode, ['mail']);
    expect(queues[0]).toMatchObject({ waiting: 1, active: 3, orphaned: 1 });
    expect([...holders]).toEqual([['worker.2', 2]]);
    expect(holdersComplete).toBe(true);
  });

  test('a missing queue is reported with its near misses', async () => {
    await queueOf('newsletter').waitUntilReady();
    await queueOf('invoices').add('job', {});
    const { queues, unreadable } = await read(mode, ['newsleter', 'invoices']);
    expect(queues.map(({ name }) => name)).toEqual(['invoices']);
    expect(unreadable.map(({ queue, failure }) => [queue, failure.code])).toEqual([
      ['newsleter', 'QUEUE_MISSING'],
    ]);
    expect(unreadable[0]?.failure.remedy).toContain('Did you mean newsletter?');
  });

  test('malicious names are cleaned and treated as nothing but names', async () => {
    const bad = 'evil\u001b[2J\n__proto__';
    for (const name of ['__proto__', 'constructor', bad])
      await local.redis.hset(`bull:${name}:meta`, 'version', 'x');
    for (const [id, worker] of [
      ['1', '__proto__'],
      ['2', bad],
      ['3', 'x'.repeat(1_000_000)],
      ['__proto__', ''],
    ] as const) {
      await local.redis.lpush('bull:__proto__:active', id);
      await local.redis.set(`bull:__proto__:${id}:lock`, 'token');
      await local.redis.hset(`bull:__proto__:${id}`, 'pb', worker);
    }
    const clean = String.raw`evil\u001b[2J\u000a__proto__`;
    const { queues, holders } = await read(mode, ['*']);
    expect(queues.map(({ name }) => name).toSorted()).toEqual(['__proto__', 'constructor', clean]);
    expect(holders.get('__proto__')).toBe(1);
    expect(holders.get(clean)).toBe(1);
    expect(holders.get(null)).toBe(1);
    expect(Math.max(...[...holders.keys()].map((name) => name?.length ?? 0))).toBe(200);
    const { unreadable } = await read(mode, [`${bad}!`]);
    expect(
      `${unreadable[0]?.queue} ${unreadable[0]?.failure.message} ${unreadable[0]?.failure.remedy}`,
    ).not.toMatch(
      // oxlint-disable-next-line no-control-regex
      /[\u0000-\u001f]/,
    );
  });

  test('one queue of a wrong type does not hide the others', async () => {
    await queueOf('good').add('job', {});
    await queueOf('bad').add('job', {});
    await local.redis.del('bull:bad:wait');
    await local.redis.set('bull:bad:wait', 'x');
    const { queues, unreadable } = await read(mode, ['good', 'bad']);
    expect(queues.map(({ name }) => name)).toEqual(['good']);
    expect(unreadable.map(({ queue, failure }) => [queue, failure.code])).toEqual([
      ['bad', 'QUEUE_UNREADABLE'],
    ]);
  });

  test('a star stands for any run of characters, under any prefix', async () => {
    for (const name of ['mail-a', 'mail-b', 'other']) await queueOf(name, '{app}').add('job', {});
    const { queues, unreadable } = await read(mode, ['mail-*'], { prefix: '{app}' });
    expect(unreadable).toEqual([]);
    expect(queues.map(({ name }) => name).toSorted()).toEqual(['mail-a', 'mail-b']);
  });

  test('queues paused by BullMQ 6 and by BullMQ 5 are paused', async () => {
    await queueOf('six').add('job', {});
    await queueOf('six').pause();
    await local.redis.hset('bull:five:meta', 'paused', 1);
    await local.redis.lpush('bull:five:paused', '1', '2');
    const { queues } = await read(mode, ['six', 'five']);
    expect(queues.map(({ name, paused, waiting }) => [name, paused, waiting])).toEqual([
      ['six', true, 1],
      ['five', true, 2],
    ]);
  });

  test('a queue’s concurrency limit and rate limiter are read', async () => {
    const queue = queueOf('mail');
    await queue.add('job', {});
    await queue.setGlobalConcurrency(4);
    await queue.rateLimit(30_000);
    const { queues } = await read(mode, ['mail']);
    expect(queues[0]?.concurrencyLimit).toBe(4);
    expect(queues[0]?.rateLimitedMs).toBeGreaterThan(20_000);
    expect(queues[0]?.rateLimitedMs).toBeLessThanOrEqual(30_000);
  });
});
