import fc from 'fast-check';
import { expect, test } from 'vitest';

import { deliveryMs, NEWSLETTER, newsletterDay, randomFrom } from '../../src/standin/demo-workload.ts';

test('a day is sorted, has two bursts and a trickle, and leaves the end of the cycle for the delivery', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5000, max: 600_000 }), fc.integer(), (cycleMs, seed) => {
      const day = newsletterDay(cycleMs, seed);
      const bursts = day.filter(({ queue }) => queue === NEWSLETTER);
      expect(bursts).toHaveLength(2);
      expect(day.length).toBeGreaterThan(2);
      expect(day.map(({ atMs }) => atMs)).toEqual(day.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
      expect(day.every(({ atMs, count }) => atMs <= cycleMs * (5 / 6) && count > 0)).toBe(true);
      expect(newsletterDay(cycleMs, seed)).toEqual(day);
    }),
  );
});

test('a minute of it has the newsletter that the demo promises', () => {
  expect(newsletterDay(60_000, 7).filter(({ queue }) => queue === NEWSLETTER)).toEqual([
    { atMs: 10_000, queue: NEWSLETTER, count: 3000 },
    { atMs: 40_000, queue: NEWSLETTER, count: 900 },
  ]);
});

test('an e-mail takes a quarter of a second in the median, and never longer than a dyno may take to end', () => {
  const random = randomFrom(1);
  const times = Array.from({ length: 10_001 }, () => deliveryMs(random)).toSorted((a, b) => a - b);
  expect(times[5000]).toBeCloseTo(250, -1.2);
  expect(times[0]).toBeGreaterThan(0);
  expect(times.at(-1)).toBeLessThanOrEqual(5000);
});
