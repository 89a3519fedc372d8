import { HEROKU_PRICES } from '../../src/adapters/heroku/prices.ts';
import { expect, test } from 'vitest';

import { statusText } from '../../src/cli/views/status.ts';
import { nextStatus } from '../../src/journal/status.ts';
import { decidedEntry, entry, T0 } from '../support/entries.ts';

test.each([
  {
    name: 'still holds',
    afterMs: 5_000,
    text: 'this clock alone may act (began 5 s ago; ends in 10 s, unless its next tick renews it)',
  },
  { name: 'has expired', afterMs: 16_000, text: 'this clock alone may act (began 16 s ago; expired)' },
])('a belief that $name says so', ({ afterMs, text }) => {
  const words = 'this clock alone may act';
  const lease = {
    kind: 'lease',
    words,
    since: T0,
    until: T0 + 15_000,
    ends: 'unless its next tick renews it',
  };
  const tick = { ...entry(0, [decidedEntry()]), beliefs: [lease as { kind: 'lease' } & typeof lease] };
  const { status } = nextStatus(undefined, tick, {
    appName: 'my-app',
    timeZone: 'UTC',
    prices: HEROKU_PRICES,
  });
  expect(statusText(status, undefined, T0 + afterMs).replaceAll(/\n +/g, ' ')).toContain(text);
});

test('a limit of the platform is shown with its reason and remedy', () => {
  const limit = { kind: 'refused', message: 'a quota allows 2 of 5 pods', remedy: 'Raise it.' } as const;
  const tick = entry(0, [decidedEntry({ limit })]);
  const { status } = nextStatus(undefined, tick, { appName: 'prod/worker', timeZone: 'UTC' });
  expect(statusText(status, undefined, T0)).toContain('  limit: a quota allows 2 of 5 pods. Raise it.');
});

test('times are in whole seconds', () => {
  const tick = {
    ...entry(0, [decidedEntry({ from: 4, to: 1, quantity: 1, result: 'resized' })]),
    at: T0 + 1,
  };
  const { status } = nextStatus(undefined, tick, { appName: 'my-app', timeZone: 'UTC' });
  const pause = { by: 'the command line', until: T0 + 60_999 };
  const text = statusText(status, pause, T0 + 1);
  expect(text).toMatch(/ {2}last change [\d-]+T[\d:]+Z: 4 → 1/);
  expect(text).toMatch(/PAUSED by the command line until [\d-]+T[\d:]+Z$/m);
});
