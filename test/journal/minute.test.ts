import fc from 'fast-check';
import { expect, test } from 'vitest';

import { HOUR_MS, hourAt, mergeHistory, packHour, unpackHour, within } from '../../src/journal/hour.ts';
import { minuteAt, NO_HISTORY, rollUp, type History } from '../../src/journal/minute.ts';
import { blindEntry, decidedEntry, entry, queueEntry, T0 } from '../support/entries.ts';
import { journalDay } from '../support/journal-day.ts';

test('a minute has the most jobs waiting, the mean of jobs running, and the flow of its ticks', () => {
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
        // Each tick counts until the next one, at most three intervals of 10 s.
        dynoMs: 3 * 60_000,
        maxDynoMs: 10 * 60_000,
        activeMs: (4 + 2) * 30_000,
        ready: 40,
        active: 3,
        waitMs: 9000,
        added: 50,
        // 40 came and the queue grew by 37: 3 ended. Then 10 came and it shrank by 32: 42 ended.
        done: 3 + 42,
        queues: [{ name: 'mail', ready: 40, active: 3, waitMs: 9000, added: 50 }],
      },
    ],
  });
});

test('a minute that begins before the first entry is left out: it may be incomplete', () => {
  const { minutes } = rollUp([entry(30), entry(40), entry(60), entry(120)]);
  expect(minutes.map(({ at }) => (at - T0) / 1000)).toEqual([60, 120]);
});

test('jobs added during ticks without a reading count afterwards, and a counter that was reset counts nothing', () => {
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

test('changes that were made and that failed are both recorded, with their time', () => {
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

test('the generated day has the minutes and changes that the laws below need', () => {
  expect(whole.minutes.length).toBe(119);
  expect(whole.changes.length).toBeGreaterThan(5);
  expect(whole.minutes[5]?.types).toHaveLength(3);
});

test('law: entries rolled up in any pieces that overlap by two minutes give the same minutes', () => {
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

test('law: unpacking a packed hour gives the same hour', () => {
  for (let hour = hourAt(T0); hour < T0 + 2 * HOUR_MS; hour += HOUR_MS) {
    const part = within(whole, hour, hour + HOUR_MS);
    expect(part.minutes.length).toBeGreaterThan(0);
    expect(unpackHour(hour, packHour(hour, part))).toEqual(part);
  }
});

test('an hour stores only its newest 240 changes', () => {
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
