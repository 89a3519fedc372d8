import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  MOST_CLASSES,
  MOST_PERIODS,
  recordNeeds,
  slotsToKeep,
  type SlotNeeds,
} from '../../src/core/slot-needs.ts';

type Periods = SlotNeeds['periods'];

const HOUR_MS = 3_600_000;
const ALLOWED = 0.05;

test.each<{ name: string; periods: Periods; slots: number }>([
  { name: 'nothing is known', periods: [], slots: 0 },
  { name: 'one period alone, however large', periods: [[0, [[100, 1000]]]], slots: 0 },
  {
    name: 'the same in each of two periods',
    periods: [
      [0, [[3, 100]]],
      [1, [[3, 100]]],
    ],
    slots: 3,
  },
  {
    name: 'a burst that came in one of three periods does not count',
    periods: [
      [0, [[3, 100]]],
      [1, [[3, 100]]],
      [2, [[100, 1000]]],
    ],
    slots: 3,
  },
  {
    name: 'a burst that came in two of three periods does',
    periods: [
      [0, [[100, 1000]]],
      [1, [[3, 100]]],
      [2, [[100, 1000]]],
    ],
    slots: 100,
  },
  {
    name: 'what the allowed share needs is not kept',
    periods: [0, 1, 2].map((at) => [at, [[2, 96] as const, [50, 4] as const]] as const),
    slots: 2,
  },
  {
    name: 'what more than the allowed share needs is kept',
    periods: [0, 1, 2].map((at) => [at, [[2, 94] as const, [50, 6] as const]] as const),
    slots: 50,
  },
])('slots to keep: $name', ({ periods, slots }) => {
  expect(slotsToKeep(periods, ALLOWED)).toBe(slots);
});

test('jobs that came together need slots from the first to the last of them, evenly', () => {
  expect(recordNeeds([], { from: 0, to: 4, jobs: 8 }, 0)).toEqual([
    [
      0,
      [
        [1, 2],
        [2, 2],
        [3, 2],
        [4, 2],
      ],
    ],
  ]);
  expect(recordNeeds([], { from: 5, to: 5, jobs: 3 }, 0)).toEqual([[0, [[5, 3]]]]);
});

test('a day is remembered in few periods and classes, and falls away when another day brought nothing', () => {
  let periods: Periods = [];
  for (let hour = 0; hour < 60; hour += 1)
    periods = recordNeeds(periods, { from: 0, to: 1e9, jobs: 1000 }, hour * HOUR_MS);
  expect(periods).toHaveLength(MOST_PERIODS);
  expect(Math.max(...periods.map(([, needs]) => needs.length))).toBeLessThanOrEqual(MOST_CLASSES);
  expect(slotsToKeep(periods, ALLOWED)).toBeGreaterThan(1000);
  expect(recordNeeds(periods, { from: 0, to: 0, jobs: 0 }, 84 * HOUR_MS)).toEqual([]);
  // A clock that was set back does not remember for longer.
  expect(recordNeeds(periods, { from: 0, to: 0, jobs: 0 }, 0)).toEqual([]);
});

test('law: more jobs now never mean fewer slots than were kept, nor than fewer jobs', () => {
  const jobs = fc.double({ min: 0.1, max: 500, noNaN: true });
  const flow = fc.record({ hour: fc.nat(12), from: fc.double({ min: 0, max: 60, noNaN: true }), jobs });
  let raised = 0;
  fc.assert(
    fc.property(fc.array(flow, { minLength: 2, maxLength: 12 }), flow, jobs, (past, now, extra) => {
      let before: Periods = [];
      for (const { hour, from, jobs: came } of past.toSorted((a, b) => a.hour - b.hour))
        before = recordNeeds(before, { from, to: from + came, jobs: came }, hour * HOUR_MS);
      const slotsWith = (came: number): number => {
        const after = recordNeeds(before, { from: now.from, to: now.from + came, jobs: came }, 13 * HOUR_MS);
        return Math.max(slotsToKeep(before, ALLOWED), slotsToKeep(after, ALLOWED));
      };
      const [fewer, more] = [slotsWith(now.jobs), slotsWith(now.jobs + extra)];
      expect(more).toBeGreaterThanOrEqual(fewer);
      if (more > fewer) raised += 1;
    }),
    { seed: 20_261_123, numRuns: 500 },
  );
  expect(raised).toBeGreaterThan(10);
});
