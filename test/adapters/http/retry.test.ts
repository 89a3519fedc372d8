import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { retryAfterMs } from '../../../src/adapters/http/retry.ts';

const NOW = Date.UTC(2026, 0, 1);

describe('Retry-After', () => {
  test.each([
    { name: 'seconds', header: '30', ms: 30_000 },
    { name: 'a fraction', header: '0.5', ms: 500 },
    { name: 'a date', header: new Date(NOW + 90_000).toUTCString(), ms: 90_000 },
    { name: 'a date in the past', header: new Date(NOW - 90_000).toUTCString(), ms: 0 },
    { name: 'an epoch', header: String(NOW / 1000 + 45), ms: 45_000 },
    { name: 'an epoch in the past', header: '1353003093', ms: 0 },
    { name: 'nothing', header: undefined, ms: undefined },
    { name: 'an empty text', header: '', ms: undefined },
    { name: 'a negative number', header: '-5', ms: undefined },
    { name: 'a word', header: 'soon', ms: undefined },
  ])('$name', ({ header, ms }) => {
    expect(retryAfterMs(header, undefined, NOW)).toBe(ms);
  });

  test('points in time are relative to the Date of the answer', () => {
    const date = (ms: number): string => new Date(ms).toUTCString();
    const hourOff = NOW + 3_600_000;
    expect(retryAfterMs(date(hourOff + 20_000), date(hourOff), NOW)).toBe(20_000);
    expect(retryAfterMs(String(hourOff / 1000 + 20), date(hourOff), NOW)).toBe(20_000);
    expect(retryAfterMs('20', date(hourOff), NOW)).toBe(20_000);
    expect(retryAfterMs(date(NOW + 20_000), 'no date', NOW)).toBe(20_000);
  });

  test('law: any header is a delay of at least 0 or undefined', () => {
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
