import fc from 'fast-check';
import { expect, test } from 'vitest';

import { HOUR_MS, hourAt, mergeHistory, packHour, unpackHour, within } from '../../src/journal/hour.ts';
import { minuteAt, NO_HISTORY, rollUp, type History } from '../../src/journal/minute.ts';
import { blindEntry, decidedEntry, entry, queueEntry, T0 } from '../support/entries.ts';
import { journalDay } from '../support/journal-day.ts';

test('a minute is what its ticks saw: the most that waited, the mean that ran, and what moved', () => {
  const at = (seconds: number, ready: number, active: number, added: number, waitMs?: number) =>
    entry(seconds, [decidedEntry({ quantity: 3, queues: [queueEntry({ ready, active, added, waitMs })] })]);
  const { minutes } = rollUp([
    at(50, 5, 2, 100),
    at(60, 40, 4, 140, 2000),
    at(90, 10, 2, 150, 9000),
    at(120, 0, 0, 150),
  ]);
  expect(minutes[0]).toEqual({
    at: T0 + 60_000,
    types: [
      {
        processType: 'worker',
        size: 'Standard-1X',
        ticks: 2,
        blind: 0,
        quantity: 3,
        wanted: 2,
        min: 1,
        max: 10,
        concurrency: 5,
        maxWaitMs: 0,
        // Each tick holds until the next, which is at most three ticks of 10 s away.
        dynoMs: 3 * 60_000,
        maxDynoMs: 10 * 60_000,
        activeMs: (4 + 2) * 30_000,
        ready: 40,
        active: 3,
        waitMs: 9000,
        added: 50,
        // 40 came while 37 more were there: 3 had ended. Then 10 came, and 32 fewer were there.
        done: 3 + 42,
        queues: [{ name: 'mail', ready: 40, active: 3, waitMs: 9000, added: 50 }],
      },
    ],
  });
});

test('a minute that begins before the first entry is not given: it may be half of one', () => {
  const { minutes } = rollUp([entry(30), entry(40), entry(60), entry(120)]);
  expect(minutes.map(({ at }) => (at - T0) / 1000)).toEqual([60, 120]);
});

test('what came while a type was blind counts when it is seen again, and a counter that was reset counts nothing', () => {
  const seen = (seconds: number, added: number) =>
    entry(seconds, [decidedEntry({ queues: [queueEntry({ added })] })]);
  const { minutes } = rollUp([
    seen(50, 10),
    entry(60, [blindEntry()]),
    seen(70, 35),
    seen(80, 2),
    seen(90, 5),
  ]);
  expect(minutes[0]?.types[0]).toMatchObject({ ticks: 3, blind: 1, added: 25 + 0 + 3 });
});

test('a change, a refusal and a burst are in the minute they belong to', () => {
  const failure = { code: 'HEROKU_FORBIDDEN', message: 'no', remedy: 'yes' };
  const changed = decidedEntry({ from: 2, to: 9, quantity: 9, result: 'resized', reason: 'many' });
  const { changes } = rollUp([entry(0), entry(60, [changed]), entry(70, [decidedEntry({ to: 5, failure })])]);
  expect(changes).toEqual([
    { at: T0 + 60_000, processType: 'worker', from: 2, to: 9, reason: 'many' },
    { at: T0 + 70_000, processType: 'worker', from: 2, to: 5, reason: expect.any(String), failed: 'no' },
  ]);
});

const day = [...journalDay({ from: T0, ticks: 720, burstEveryMs: 1_800_000 })];
const whole = rollUp(day);

test('a made-up day has what the laws below are about', () => {
  expect(whole.minutes.length).toBe(119);
  expect(whole.changes.length).toBeGreaterThan(5);
  expect(whole.minutes[5]?.types).toHaveLength(3);
});

test('law: rolled up in any pieces that overlap by two minutes, the minutes are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 15, max: 200 }), { minLength: 1, maxLength: 12 }), (lengths) => {
      let known: History = NO_HISTORY;
      let end = 0;
      for (const length of lengths) {
        end = Math.min(day.length, end + length);
        const piece = day.slice(Math.max(0, end - length - 16), end);
        known = mergeHistory(known, within(rollUp(piece), 0, minuteAt(piece.at(-1)?.at ?? 0)));
      }
      const until = known.minutes.at(-1)?.at ?? 0;
      expect(known).toEqual(within(whole, 0, until + 60_000));
    }),
    { numRuns: 40 },
  );
});

test('law: an hour packed and unpacked is the hour', () => {
  for (let hour = hourAt(T0); hour < T0 + 2 * HOUR_MS; hour += HOUR_MS) {
    const part = within(whole, hour, hour + HOUR_MS);
    expect(part.minutes.length).toBeGreaterThan(0);
    expect(unpackHour(hour, packHour(hour, part))).toEqual(part);
  }
});

test('an hour in which everything flaps keeps its newest changes only', () => {
  const changes = Array.from({ length: 400 }, (_, index) => ({
    at: T0 + index,
    processType: 'worker',
    from: 1,
    to: 2,
    reason: 'x',
  }));
  expect(packHour(T0, { ...NO_HISTORY, changes }).changes.map(({ at }) => at - T0)).toEqual(
    Array.from({ length: 240 }, (_, index) => index + 160),
  );
});
