import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { allowanceAt, nextBudget, readingMayAgeMs } from '../../../src/adapters/heroku/budget.ts';

describe('the age of a reading', () => {
  test.each([
    { name: 'nothing known', budget: undefined, ageMs: 3_200 },
    { name: 'full', budget: { remaining: 4_500, multiplier: 1 }, ageMs: 3_200 },
    { name: 'half full', budget: { remaining: 2_250, multiplier: 1 }, ageMs: 3_200 },
    { name: 'a tenth full', budget: { remaining: 450, multiplier: 1 }, ageMs: 16_000 },
    { name: 'empty', budget: { remaining: 0, multiplier: 1 }, ageMs: 300_000 },
    { name: 'an account of twice the limit', budget: { remaining: 9_000, multiplier: 2 }, ageMs: 1_600 },
  ])('$name: $ageMs ms', ({ budget, ageMs }) => {
    expect(readingMayAgeMs(budget)).toBe(ageMs);
  });

  test('twelve apps of one token share what one has: readings and changes', () => {
    const full = { remaining: 4_500, multiplier: 1 };
    expect(readingMayAgeMs(full, 12)).toBe(12 * readingMayAgeMs(full));
    const first = allowanceAt(undefined, 0, full, 12);
    expect(first.changes).toBe(5);
    expect(allowanceAt({ changes: 0, atMs: 0 }, 12 * 12_800, full, 12).changes).toBeCloseTo(1);
  });

  test('law: fewer remaining requests never mean more readings, which never take more than half of the limit', () => {
    fc.assert(
      fc.property(fc.nat(9_000), fc.nat(9_000), fc.integer({ min: 1, max: 10 }), (a, b, multiplier) => {
        const [fewer, more] = [Math.min(a, b), Math.max(a, b)];
        const age = readingMayAgeMs({ remaining: fewer, multiplier });
        expect(age).toBeGreaterThanOrEqual(readingMayAgeMs({ remaining: more, multiplier }));
        expect(3_600_000 / age).toBeLessThanOrEqual((4_500 * multiplier) / 2);
      }),
    );
  });

  test('sixty changes may follow each other, then one every 12.8 s, and fewer when few requests remain', () => {
    const full = { remaining: 4_500, multiplier: 1 };
    let allowance = allowanceAt(undefined, 0, full);
    expect(allowance.changes).toBe(60);
    allowance = { ...allowance, changes: 0 };
    expect(allowanceAt(allowance, 12_800, full).changes).toBe(1);
    expect(allowanceAt(allowance, 12_800, { remaining: 450, multiplier: 1 }).changes).toBeCloseTo(0.2);
    expect(allowanceAt(allowance, 300_000, { remaining: 0, multiplier: 1 }).changes).toBe(1);
    expect(allowanceAt(allowance, 86_400_000, full).changes).toBe(60);
  });

  test.each([
    {
      name: 'both headers',
      headers: { 'ratelimit-remaining': '12', 'ratelimit-multiplier': '2' },
      is: { remaining: 12, multiplier: 2 },
    },
    { name: 'no multiplier', headers: { 'ratelimit-remaining': '12' }, is: { remaining: 12, multiplier: 1 } },
    {
      name: 'a multiplier of 0',
      headers: { 'ratelimit-remaining': '12', 'ratelimit-multiplier': '0' },
      is: { remaining: 12, multiplier: 1 },
    },
    { name: 'no headers', headers: {}, is: { remaining: 7, multiplier: 1 } },
    {
      name: 'a header that is not a number',
      headers: { 'ratelimit-remaining': 'NaN' },
      is: { remaining: 7, multiplier: 1 },
    },
    {
      name: 'a negative number',
      headers: { 'ratelimit-remaining': '-1' },
      is: { remaining: 7, multiplier: 1 },
    },
  ])('the budget after an answer with $name', ({ headers, is }) => {
    const header = (name: string): string | undefined => (headers as Record<string, string>)[name];
    expect(nextBudget({ remaining: 7, multiplier: 1 }, header)).toEqual(is);
  });
});
