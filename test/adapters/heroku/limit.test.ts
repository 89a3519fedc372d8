import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { limitFrom } from '../../../src/adapters/heroku/write.ts';
import { allowedBy } from '../../../src/core/platform-limit.ts';

describe('the dynos that a limit leaves', () => {
  const wanted = { from: 3, to: 20, others: 4, size: 'Standard-1X' };
  test.each([
    { name: 'a limit of the app', limit: 10, wanted, allowed: 6 },
    {
      name: 'a limit of the type, as the other types alone exceed it',
      limit: 3,
      wanted: { ...wanted, from: 0 },
      allowed: 3,
    },
    {
      name: 'a limit of the type, known by its size',
      limit: 10,
      wanted: { ...wanted, size: 'performance-l' },
      allowed: 10,
    },
    { name: 'a limit of the type, as the app has more already', limit: 6, wanted, allowed: 6 },
    {
      name: 'a limit of the app, as fewer than it were wanted',
      limit: 100,
      wanted: { ...wanted, others: 90, size: 'performance-l' },
      allowed: 10,
    },
  ])('$name', ({ limit, wanted: request, allowed }) => {
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
