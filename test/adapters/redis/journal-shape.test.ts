import { safeParse } from 'valibot';
import { describe, expect, test } from 'vitest';

import { ENTRY, HOUR, KEPT } from '../../../src/adapters/redis/journal-shape.ts';
import { redisJournal } from '../../../src/adapters/redis/journal.ts';
import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { compress } from '../../../src/adapters/redis/compression.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { packHour } from '../../../src/journal/hour.ts';
import { rollUp } from '../../../src/journal/minute.ts';
import { nextStatus, type Status } from '../../../src/journal/status.ts';
import { entryOf } from '../../../src/reporting/entry-of.ts';
import { decidedEntry, entry, queueEntry, T0 } from '../../support/entries.ts';
import { journalDay } from '../../support/journal-day.ts';
import { localRedis } from '../../support/local-redis.ts';
import { queue } from '../../support/ports.ts';

/*
 * A value out of range is ignored, whatever is planted in Redis. The clock itself writes only values in range; otherwise a
 * strange number in a queue's keys would leave the dashboard empty.
 */

const DAY: readonly Entry[] = [...journalDay({ from: T0, ticks: 400 })];
const STATUS = DAY.reduce<Status | undefined>(
  (status, each) => nextStatus(status, each, { appName: 'my-app', timeZone: 'UTC' }).status,
  undefined,
)!;
const HOUR_OF_DAY = packHour(T0, rollUp(DAY.slice(0, 300)));

/** The value with one leaf replaced: `at(x, 'types.0.max', 7)`. */
function at(value: unknown, path: string, leaf: unknown): unknown {
  const copy: unknown = structuredClone(value);
  const keys = path.split('.');
  const parent = keys
    .slice(0, -1)
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], copy);
  expect(parent).toBeTypeOf('object');
  (parent as Record<string, unknown>)[keys.at(-1) ?? ''] = leaf;
  return copy;
}

const accepts = (schema: typeof ENTRY | typeof HOUR | typeof KEPT, value: unknown): boolean =>
  safeParse(schema, JSON.parse(JSON.stringify(value))).success;

test('the clock writes only values in range', () => {
  expect(DAY.filter((each) => !accepts(ENTRY, each))).toEqual([]);
  expect(accepts(KEPT, { status: STATUS, alarms: {} })).toBe(true);
  expect(accepts(HOUR, HOUR_OF_DAY)).toBe(true);
});

describe('a tick', () => {
  const tick = entry(0, [decidedEntry({ queues: [queueEntry()] })]);

  test.each(
    ['quantity', 'from', 'to', 'min', 'max'].flatMap((name) =>
      [2e8, 1.5, -1].map((value) => ({ name, value })),
    ),
  )('with $value as its $name is ignored', ({ name, value }) => {
    expect(accepts(ENTRY, at(tick, `types.0.${name}`, 7))).toBe(true);
    expect(accepts(ENTRY, at(tick, `types.0.${name}`, value))).toBe(false);
  });

  test.each([
    { name: 'half a job ready', path: 'types.0.queues.0.ready', value: 0.5 },
    { name: 'more jobs than can be counted', path: 'types.0.queues.0.ready', value: 1e300 },
    { name: 'a wait of 1e300 ms', path: 'types.0.queues.0.waitMs', value: 1e300 },
    { name: 'a step below zero', path: 'types.0.steps.0.count', value: -1 },
    { name: 'a step of 1e300', path: 'types.0.steps.0.count', value: 1e300 },
    { name: 'a concurrency beyond any machine', path: 'types.0.concurrency', value: 1e9 },
    { name: 'a boot of a century', path: 'types.0.bootMs', value: 3.2e12 },
    { name: 'a tick every century', path: 'tickMs', value: 3.2e12 },
    {
      name: 'a thousand process types',
      path: 'types',
      value: Array.from({ length: 1000 }, () => decidedEntry()),
    },
    {
      name: 'a thousand queues',
      path: 'types.0.queues',
      value: Array.from({ length: 1000 }, () => queueEntry()),
    },
  ])('with $name is ignored', ({ path, value }) => {
    expect(accepts(ENTRY, tick)).toBe(true);
    expect(accepts(ENTRY, at(tick, path, value))).toBe(false);
  });
});

describe('a status', () => {
  const kept = { status: STATUS, alarms: {} };

  test("keeps the platform's noun", () => {
    const parsed = safeParse(KEPT, { ...kept, status: { ...STATUS, noun: 'pod' } });
    expect(parsed.output).toMatchObject({ status: { noun: 'pod' } });
  });

  test.each([
    { name: 'a maximum of two hundred million', path: 'status.types.0.latest.max', value: 2e8 },
    { name: 'a quantity of two hundred million', path: 'status.types.0.fleet.quantity', value: 2e8 },
    { name: 'a boot of fewer than zero dynos', path: 'status.types.0.fleet.booting', value: [[T0, -3]] },
    { name: 'a boot at an impossible time', path: 'status.types.0.fleet.booting', value: [[1e300, 3]] },
    { name: 'a billion starting dynos', path: 'status.types.0.starting', value: 1e9 },
    { name: 'half a blind tick', path: 'status.types.0.blindTicks', value: 0.5 },
    { name: 'a cost of 1e300 dollars', path: 'status.types.0.today.costUsd', value: 1e300 },
    { name: 'a saving of -1e300 dollars', path: 'status.types.0.today.savedUsd', value: -1e300 },
    { name: 'a thousand counters', path: 'status.ticks', value: manyCounts() },
    { name: 'a counter of 1e300', path: 'status.ticks.decided', value: 1e300 },
    { name: 'a histogram of a thousand bars', path: 'status.took.buckets', value: Array(1000).fill(1) },
    { name: 'a tick every century', path: 'status.tickMs', value: 3.2e12 },
    { name: 'a noun that is not one word', path: 'status.noun', value: '<b>' },
  ])('with $name is ignored', ({ path, value }) => {
    expect(accepts(KEPT, kept)).toBe(true);
    expect(accepts(KEPT, at(kept, path, value))).toBe(false);
  });
});

describe('an hour', () => {
  test.each([
    { name: 'half a minute', path: 'minutes.3', value: 3.5 },
    { name: 'a minute after the end of the hour', path: 'minutes.3', value: 60 },
    { name: 'a quantity below zero', path: 'types.0.numbers.quantity.3', value: -1 },
    { name: 'a maximum of 1e300', path: 'types.0.numbers.max.3', value: 1e300 },
    { name: 'a column of a thousand', path: 'types.0.numbers.max', value: Array(1000).fill(1) },
    { name: 'fewer than zero jobs', path: 'types.0.queues.0.numbers.added.3', value: -1 },
  ])('with $name is ignored', ({ path, value }) => {
    expect(accepts(HOUR, at(HOUR_OF_DAY, path, value))).toBe(false);
  });
});

test('impossible numbers of a queue are written as numbers that can be read back', () => {
  const hostile = queue({
    waiting: 0.5,
    active: 7,
    added: 1e299,
    oldestReadyAt: -1e299,
    concurrencyLimit: 1e200,
  });
  const written = entryOf({
    at: T0,
    tickMs: 10_000,
    tookMs: 1,
    outcomes: [
      {
        kind: 'unchanged',
        processType: 'worker',
        backlog: { queues: Array.from({ length: 80 }, () => hostile), unreadable: [] },
        formation: { quantity: 3, size: 'Standard-1X' },
        policy: {
          sizing: { kind: 'backlog', jobsPerWorker: 100 },
          min: 1,
          max: 3,
          concurrency: 1,
          bootMs: 0,
        },
        decision: {
          from: 3,
          to: 3,
          needed: 3,
          limited: 3,
          reason: 'stay at 3',
          steps: [{ stage: 'sizing', count: 3 }],
        },
      },
    ],
  } as never);
  expect(accepts(ENTRY, written)).toBe(true);
  const after = { ...written, at: T0 + 60_000 };
  expect(accepts(HOUR, packHour(T0, rollUp([written, after, { ...after, at: T0 + 70_000 }])))).toBe(true);
});

describe('reading', () => {
  const keys = stateKeys('my-app');
  const local = localRedis();

  test('decompresses the newest values first, and no more than a process can hold', async () => {
    const words = 'x'.repeat(5000);
    const big = entry(0, [
      decidedEntry({
        queues: Array.from({ length: 150 }, () => queueEntry({ name: words })),
        unreadable: Array.from({ length: 150 }, () => words),
      }),
    ]);
    const text = JSON.stringify(big).length;
    expect(text).toBeGreaterThan(1_400_000);
    const bytes = compress({ version: 1, entry: big });
    const last = compress({ version: 1, entry: entry(10) });
    await local.connection.use(AbortSignal.timeout(20_000), async (client) => {
      const pipeline = client.pipeline();
      for (let i = 0; i < 100; i += 1) pipeline.xadd(keys.ticks, '*', 'e', bytes);
      pipeline.xadd(keys.ticks, '*', 'e', last);
      await pipeline.exec();
    });
    const entries = await redisJournal(local.connection, keys).entries(720, AbortSignal.timeout(20_000));
    expect(entries.at(-1)?.at).toBe(T0 + 10_000);
    expect(entries.length * text).toBeLessThan(67_000_000);
    expect(entries.length).toBeGreaterThan(20);
  });

  test('decompresses no status longer than the clock writes', async () => {
    const status = { ...STATUS, types: Array.from({ length: 190 }, () => STATUS.types[0]) };
    const fits = compress({ version: 1, kept: { status, alarms: {} } });
    const words = 'x'.repeat(5000);
    const steps = Array.from({ length: 600 }, () => ({ stage: 'sizing', count: 1, note: words }));
    const bomb = compress({
      version: 1,
      kept: {
        status: { ...STATUS, types: [{ ...STATUS.types[0], latest: decidedEntry({ steps } as never) }] },
        alarms: {},
      },
    });
    const journal = redisJournal(local.connection, keys);
    const load = async (bytes: Buffer): Promise<unknown> => {
      await local.connection.use(
        AbortSignal.timeout(5000),
        async (client) => await client.set(keys.status, bytes),
      );
      return await journal.load(AbortSignal.timeout(5000));
    };
    expect(await load(fits)).toBeDefined();
    expect(await load(bomb)).toBeUndefined();
  });
});

function manyCounts(): Record<string, number> {
  return Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`outcome-${index}`, 1]));
}
