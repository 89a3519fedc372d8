import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { observeUpcoming, type Upcoming } from '../../src/core/upcoming.ts';

const T0 = Date.UTC(2026, 0, 1);
const TICK_MS = 10_000;
const HORIZON_MS = 40_000;

/** What is known after ticks of 10 s that counted so many due within 40 s, as [seconds from the last tick, jobs]. */
function after(...counts: number[]): (readonly [seconds: number, jobs: number])[] {
  let upcoming: Upcoming = [];
  counts.forEach((count, index) => {
    const sinceMs = index === 0 ? Infinity : TICK_MS;
    upcoming = observeUpcoming(upcoming, count, { at: T0 + index * TICK_MS, sinceMs, horizonMs: HORIZON_MS });
  });
  const at = T0 + (counts.length - 1) * TICK_MS;
  return upcoming.map(([dueAt, jobs]) => [(dueAt - at) / 1000, jobs]);
}

test.each([
  { name: 'nothing', counts: [0, 0], known: [] },
  { name: 'at the first look: half of the horizon', counts: [100], known: [[20, 100]] },
  { name: 'a batch that comes into sight: at the far end', counts: [0, 100], known: [[35, 100]] },
  { name: 'it draws nearer', counts: [0, 100, 100, 100], known: [[15, 100]] },
  { name: 'what becomes ready is no longer upcoming', counts: [0, 100, 100, 100, 100, 0], known: [] },
  {
    name: 'a second batch behind the first',
    counts: [0, 100, 150],
    known: [
      [25, 100],
      [35, 50],
    ],
  },
  {
    name: 'of fewer, the soonest have become ready',
    counts: [0, 100, 150, 60],
    known: [
      [15, 10],
      [25, 50],
    ],
  },
  {
    name: 'more than could still be due: they came into sight since',
    counts: [0, 9, 9, 9, 9, 9],
    known: [[35, 9]],
  },
])('$name', ({ counts, known }) => {
  expect(after(...counts)).toEqual(known);
});

test('law: as many as were counted, each due within the horizon, soonest first, and no more batches than 24', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ count: fc.nat(1000), sinceMs: fc.integer({ min: -5000, max: 60_000 }) }), {
        minLength: 1,
        maxLength: 60,
      }),
      (ticks) => {
        let upcoming: Upcoming = [];
        let at = T0;
        for (const { count, sinceMs } of ticks) {
          at += sinceMs;
          upcoming = observeUpcoming(upcoming, count, { at, sinceMs, horizonMs: HORIZON_MS });
          expect(upcoming.reduce((sum, [, jobs]) => sum + jobs, 0)).toBeLessThanOrEqual(count);
          expect(upcoming.length).toBeLessThanOrEqual(24);
          for (const [index, [dueAt, jobs]] of upcoming.entries()) {
            expect(jobs).toBeGreaterThan(0);
            expect(dueAt).toBeGreaterThan(at);
            expect(dueAt).toBeLessThanOrEqual(at + HORIZON_MS);
            expect(dueAt).toBeGreaterThanOrEqual(upcoming[index - 1]?.[0] ?? 0);
          }
        }
      },
    ),
  );
});
