import { beforeAll, describe, expect, test } from 'vitest';

import { countOf, decodeRow, ROW_FIELDS, runOf } from '../../../src/adapters/bullmq/snapshot-row.ts';
import { SNAPSHOT_SCRIPT, snapshotScript } from '../../../src/adapters/bullmq/snapshot-script.ts';
import type { Snapshot } from '../../../src/adapters/bullmq/snapshot.ts';
import { localRedis } from '../../support/local-redis.ts';

const DAY_MS = 86_400_000;

describe('a count', () => {
  test.each([
    { name: 'as Redis writes it', value: '12', count: 12 },
    { name: 'as a number', value: 12, count: 12 },
    { name: 'of a limiter that is closed by hand', value: '9007199254740991', count: 9_007_199_254_740_991 },
    { name: 'below zero', value: '-1', count: null },
    { name: 'with a fraction', value: '0.5', count: null },
    { name: 'above the largest safe integer', value: '9007199254740993', count: null },
    { name: 'of 1e299', value: '1e299', count: null },
    { name: 'that is a word', value: 'many', count: null },
  ])('$name', ({ value, count }) => {
    expect(countOf(value)).toBe(count);
  });
});

describe('the run of a job', () => {
  test.each([
    { name: 'that took 5 s', startedAt: 1000, endedAt: 6000, run: { endedAt: 6000, tookMs: 5000 } },
    { name: 'that has not ended', startedAt: 1000, endedAt: null, run: null },
    { name: 'that ended before it started', startedAt: 6000, endedAt: 1000, run: null },
    { name: 'longer than a dyno lives', startedAt: 0, endedAt: DAY_MS + 1, run: null },
    { name: 'that ended after the last date', startedAt: 9e15, endedAt: 9e15 + 5, run: null },
    { name: 'that started before the first date', startedAt: -5, endedAt: 5, run: null },
  ])('$name', ({ startedAt, endedAt, run }) => {
    expect(runOf(startedAt, endedAt)).toEqual(run);
  });
});

describe('the fields of a row', () => {
  const NOW = 1_800_000_000_000;
  /** Every field has a value of its own, so that no two can be exchanged unseen. */
  const EXPECTED: Snapshot = {
    wait: 1,
    pausedJobs: 2,
    prioritized: 3,
    due: 4,
    dueSoon: 5,
    delayed: 6,
    active: 7,
    waitingChildren: 8,
    added: 10,
    paused: true,
    concurrency: 11,
    limiterMax: 12,
    limiterDurationMs: 13,
    limiterCount: 14,
    limiterTtlMs: -1,
    oldestReadyAt: NOW - 15,
    exists: true,
    lastRun: { endedAt: NOW - 16, tookMs: 17 },
    sample: { looked: 7, complete: true, orphaned: 5, holders: new Map([['worker.1', 2]]) },
  };

  const local = localRedis({ keep: true });

  beforeAll(async () => {
    const score = (dueAt: number, index: number): number => dueAt * 4096 + index;
    const list = (length: number, first: number): string[] =>
      Array.from({ length }, (_, index) => String(first + index));
    const fill = local.redis
      .pipeline()
      .rpush('bull:mail:wait', ...list(1, 100))
      .rpush('bull:mail:paused', ...list(2, 200))
      .rpush('bull:mail:active', ...list(7, 300))
      .set('bull:mail:id', 10)
      .set('bull:mail:limiter', 14)
      .hset('bull:mail:meta', { paused: 1, concurrency: 11, max: 12, duration: 13 })
      .hset('bull:mail:100', { timestamp: NOW - 15 })
      .zadd('bull:mail:completed', NOW, '400')
      .hset('bull:mail:400', { processedOn: NOW - 33, finishedOn: NOW - 16 });
    for (const id of list(3, 500)) fill.zadd('bull:mail:prioritized', 2 ** 32 + Number(id), id);
    for (const id of list(8, 600)) fill.zadd('bull:mail:waiting-children', id, id);
    for (const [index, dueAt] of [0, 0, 0, 0, 1000, 100_000].entries()) {
      fill.zadd('bull:mail:delayed', score(NOW + dueAt, index), String(700 + index));
    }
    for (const id of ['300', '301']) {
      fill.set(`bull:mail:${id}:lock`, 'token').hset(`bull:mail:${id}`, 'pb', 'worker.1');
    }
    await fill.exec();
  });

  async function rowOf(script: string): Promise<unknown> {
    const due = (at: number): string => String((at + 1) * 4096 - 1);
    const args = ['1', '1000', String(NOW), due(NOW), 'bull:mail:', due(NOW + 40_000)];
    const [row] = (await local.redis.eval(script, 0, ...args)) as unknown[];
    return row;
  }

  test('reach the snapshot under their own names', async () => {
    expect(decodeRow(await rowOf(SNAPSHOT_SCRIPT))).toEqual(EXPECTED);
  });

  test.each(ROW_FIELDS.slice(1).map((field, index) => ({ field, before: ROW_FIELDS[index] })))(
    '$before and $field, swapped by the script alone, change the snapshot',
    async ({ field, before }) => {
      const swapped = ROW_FIELDS.flatMap((name) =>
        name === field ? [] : name === before ? [field, before] : [name],
      );
      expect(swapped).toHaveLength(ROW_FIELDS.length);
      const row = await rowOf(snapshotScript(swapped));
      const decoded = ((): unknown => {
        try {
          return decodeRow(row);
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(decoded).not.toEqual(EXPECTED);
    },
  );

  test('a row of another length is refused', async () => {
    const row = await rowOf(snapshotScript(ROW_FIELDS.slice(1)));
    expect(() => decodeRow(row)).toThrow('unexpected shape');
  });
});
