import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { allowanceAt, nextBudget, readingMayAgeMs } from '../../../src/adapters/heroku/budget.ts';
import { limitFrom } from '../../../src/adapters/heroku/limit.ts';
import { allowedBy } from '../../../src/core/platform-limit.ts';
import { retryAfterMs } from '../../../src/adapters/heroku/retry-after.ts';

const NOW = Date.UTC(2026, 0, 1);

describe('how old a reading may be', () => {
  test.each([
    { name: 'nothing known', budget: undefined, ageMs: 3_200 },
    { name: 'full', budget: { remaining: 4_500, multiplier: 1 }, ageMs: 3_200 },
    { name: 'half full', budget: { remaining: 2_250, multiplier: 1 }, ageMs: 3_200 },
    { name: 'a tenth full', budget: { remaining: 450, multiplier: 1 }, ageMs: 16_000 },
    { name: 'empty', budget: { remaining: 0, multiplier: 1 }, ageMs: 300_000 },
    { name: 'twice the account', budget: { remaining: 9_000, multiplier: 2 }, ageMs: 1_600 },
  ])('$name: $ageMs ms', ({ budget, ageMs }) => {
    expect(readingMayAgeMs(budget)).toBe(ageMs);
  });

  test('law: fewer requests left never mean more readings, and half of the account is always left', () => {
    fc.assert(
      fc.property(fc.nat(9_000), fc.nat(9_000), fc.integer({ min: 1, max: 10 }), (a, b, multiplier) => {
        const [fewer, more] = [Math.min(a, b), Math.max(a, b)];
        const age = readingMayAgeMs({ remaining: fewer, multiplier });
        expect(age).toBeGreaterThanOrEqual(readingMayAgeMs({ remaining: more, multiplier }));
        expect(3_600_000 / age).toBeLessThanOrEqual((4_500 * multiplier) / 2);
      }),
    );
  });

  test('sixty changes as they come, then one in 12.8 s, and fewer when requests run low', () => {
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
    { name: 'none', headers: {}, is: { remaining: 7, multiplier: 1 } },
    { name: 'no number', headers: { 'ratelimit-remaining': 'NaN' }, is: { remaining: 7, multiplier: 1 } },
    {
      name: 'a negative number',
      headers: { 'ratelimit-remaining': '-1' },
      is: { remaining: 7, multiplier: 1 },
    },
  ])('told by $name', ({ headers, is }) => {
    const header = (name: string): string | undefined => (headers as Record<string, string>)[name];
    expect(nextBudget({ remaining: 7, multiplier: 1 }, header)).toEqual(is);
  });
});

describe('Retry-After', () => {
  test.each([
    { name: 'seconds', header: '30', ms: 30_000 },
    { name: 'a fraction', header: '0.5', ms: 500 },
    { name: 'a date', header: new Date(NOW + 90_000).toUTCString(), ms: 90_000 },
    { name: 'a date gone by', header: new Date(NOW - 90_000).toUTCString(), ms: 0 },
    { name: 'an epoch', header: String(NOW / 1000 + 45), ms: 45_000 },
    { name: 'an epoch gone by', header: '1353003093', ms: 0 },
    { name: 'nothing', header: undefined, ms: undefined },
    { name: 'an empty text', header: '', ms: undefined },
    { name: 'a negative number', header: '-5', ms: undefined },
    { name: 'a word', header: 'soon', ms: undefined },
  ])('$name', ({ header, ms }) => {
    expect(retryAfterMs(header, undefined, NOW)).toBe(ms);
  });

  test('points in time are by the clock of whoever sent them', () => {
    const date = (ms: number): string => new Date(ms).toUTCString();
    const hourOff = NOW + 3_600_000;
    expect(retryAfterMs(date(hourOff + 20_000), date(hourOff), NOW)).toBe(20_000);
    expect(retryAfterMs(String(hourOff / 1000 + 20), date(hourOff), NOW)).toBe(20_000);
    expect(retryAfterMs('20', date(hourOff), NOW)).toBe(20_000);
    expect(retryAfterMs(date(NOW + 20_000), 'no date', NOW)).toBe(20_000);
  });

  test('law: whatever it says, it is a wait or nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.integer().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (header) => {
          const ms = retryAfterMs(header, undefined, NOW);
          expect(ms === undefined || (Number.isFinite(ms) && ms >= 0)).toBe(true);
        },
      ),
    );
  });
});

describe('what a limit leaves', () => {
  const asked = { from: 3, to: 20, others: 4, size: 'Standard-1X' };
  test.each([
    { name: "the app's", limit: 10, asked, allowed: 6 },
    { name: "the app's, used up by others", limit: 3, asked: { ...asked, from: 0 }, allowed: 3 },
    { name: "the type's, by its size", limit: 10, asked: { ...asked, size: 'performance-l' }, allowed: 10 },
    { name: "the type's, as the app is above it already", limit: 6, asked, allowed: 6 },
    {
      name: "the app's, as fewer were asked for",
      limit: 100,
      asked: { ...asked, others: 90, size: 'performance-l' },
      allowed: 10,
    },
  ])('$name', ({ limit, asked: request, allowed }) => {
    expect(allowedBy(limitFrom(limit, request), request.others)).toBe(allowed);
  });

  test('law: never more than the limit, never below zero', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.nat(300),
        fc.nat(300),
        fc.nat(300),
        fc.constantFrom('eco', 'Standard-2X', 'Private-S'),
        (limit, from, to, others, size) => {
          const allowed = allowedBy(limitFrom(limit, { from, to, others, size }), others);
          expect(allowed).toBeGreaterThanOrEqual(0);
          expect(allowed).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });
});
