import { expect, test } from 'vitest';

import { HEROKU } from '../../src/adapters/heroku/platform.ts';
import { parseWindows } from '../../src/config/limits.ts';
import { policyAt } from '../../src/control/policy.ts';
import { processType } from '../support/ports.ts';

const LIMITS = 'mon-fri 8:00-20:00 = 10-50; sat = 0-5';

test.each([
  {
    name: 'outside all windows: the plain settings',
    when: '2026-11-22T12:00:00Z',
    bounds: { min: 3, max: 40, boundsNote: undefined },
  },
  {
    name: 'in a window: its limits, and when it is open',
    when: '2026-11-23T12:00:00Z',
    bounds: { min: 10, max: 50, boundsNote: '10 to 50, mon-fri 08:00-20:00' },
  },
  {
    name: 'in a window of whole days',
    when: '2026-11-28T12:00:00Z',
    bounds: { min: 0, max: 5, boundsNote: '0 to 5, sat' },
  },
  {
    name: 'by local time, not by UTC',
    when: '2026-11-23T07:00:00Z',
    bounds: { min: 10, max: 50, boundsNote: '10 to 50, mon-fri 08:00-20:00' },
  },
  {
    name: 'in a window that allows more than Heroku does',
    when: '2026-11-23T12:00:00Z',
    allowed: 20,
    bounds: { min: 10, max: 20, boundsNote: '10 to 50, mon-fri 08:00-20:00, Heroku allows 20' },
  },
])('$name', ({ when, allowed, bounds }) => {
  const at = Date.parse(when);
  const limits = { windows: parseWindows(LIMITS) ?? [], timeZone: 'Europe/Berlin' };
  const settings = processType({ min: 3, max: 40, limits });
  const limit = { count: allowed ?? 0, counts: 'type' as const, since: at, until: at + 60_000, refusals: 1 };
  const standing = allowed === undefined ? {} : { limit };
  const formation = { quantity: 4, others: new Map(), size: 'Standard-1X', platform: HEROKU };
  const policy = policyAt(settings, standing, formation, at);
  expect(policy).toMatchObject(bounds);
});

test.each([
  { name: 'the size that is set', dynoSize: 'standard-2x', size: 'Standard-1X', price: 50 },
  { name: 'the size that runs', dynoSize: undefined, size: 'Standard-1X', price: 25 },
  { name: 'none where the size has no price of its own', dynoSize: undefined, size: 'Eco', price: undefined },
])('the price of a worker is that of $name', ({ dynoSize, size, price }) => {
  const formation = { quantity: 4, others: new Map(), size, platform: HEROKU };
  const policy = policyAt(processType({ dynoSize }), {}, formation, 0);
  expect(policy.monthlyPricePerWorker).toBe(price);
});
