import { expect, test } from 'vitest';

import { HEROKU_PRICES } from '../../src/adapters/heroku/prices.ts';
import { healthOf, nextStatus, type Status } from '../../src/journal/status.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { blindEntry, decidedEntry, entry, queueEntry, T0 } from '../support/entries.ts';

const context = { appName: 'my-app', timeZone: 'Europe/Berlin', prices: HEROKU_PRICES };

function after(...entries: readonly Entry[]): Status {
  let status: Status | undefined;
  for (const next of entries) ({ status } = nextStatus(status, next, context));
  if (!status) throw new Error('no entry');
  return status;
}

test('the status counts outcomes, the steps that determined decisions, and holds', () => {
  const up = decidedEntry({ from: 2, to: 6, quantity: 6, result: 'resized' });
  const held = decidedEntry({
    to: 9,
    hold: { kind: 'manual', words: 'scaled manually' },
    steps: [
      { stage: 'sizing', count: 12 },
      { stage: 'bounds', count: 9 },
    ],
  });
  const { ticks, types } = after(
    entry(0, [up]),
    entry(10, [held]),
    entry(20, [held]),
    entry(30, [blindEntry()]),
  );
  expect(ticks).toEqual({ decided: 3, blind: 1 });
  expect(types[0]).toMatchObject({
    changes: { up: 1 },
    bounds: { sizing: 1, bounds: 2 },
    holds: { manual: 2 },
    failures: { REDIS_UNREACHABLE: 1 },
    blindTicks: 1,
    failure: { code: 'REDIS_UNREACHABLE' },
    latest: { to: 9 },
    lastChange: { from: 2, to: 6 },
  });
});

test('workers count as starting for one boot time, and as draining while only their jobs keep them', () => {
  const up = decidedEntry({ from: 2, to: 6, quantity: 6, result: 'resized' });
  expect(after(entry(0, [up])).types[0]?.starting).toBe(4);
  const six = decidedEntry({ from: 6, quantity: 6 });
  expect(after(entry(0, [up]), entry(29, [six])).types[0]?.starting).toBe(4);
  expect(after(entry(0, [up]), entry(30, [six])).types[0]?.starting).toBe(0);
  const draining = decidedEntry({ to: 5, limited: 2 });
  expect(after(entry(0, [draining])).types[0]?.draining).toBe(3);
});

test("today begins at midnight in the operator's time zone, and costs what was set since then", () => {
  const late = Date.parse('2026-03-02T22:59:50Z') - T0;
  const status = after(entry(late / 1000 - 10), entry(late / 1000), entry(late / 1000 + 10));
  const second = 25 / 720 / 3600;
  // The tick at midnight in Berlin counts for the new day, with the ten seconds before it.
  expect(status.types[0]?.today).toMatchObject({ day: '2026-03-03', dynoMs: 20_000 });
  expect(status.types[0]?.today?.costUsd).toBeCloseTo(20 * second, 10);
  expect(status.types[0]?.today?.savedUsd).toBeCloseTo(80 * second, 10);
});

test('a size without a price has an unknown cost, not zero', () => {
  const odd = decidedEntry({ size: 'Mystery-9X' });
  expect(after(entry(0, [odd]), entry(10, [odd])).types[0]?.today).toEqual({
    day: '2026-03-02',
    dynoMs: 20_000,
    costUsd: undefined,
    savedUsd: undefined,
  });
});

test('a gap counts as three intervals at most: the rest is unknown', () => {
  expect(after(entry(0), entry(3600)).types[0]?.today?.dynoMs).toBe(2 * 30_000);
});

test('a clock that is set back reduces no figure', () => {
  expect(after(entry(100), entry(0), entry(10)).types[0]?.today?.dynoMs).toBe(20_000);
});

test("the status has the platform's noun, where the platform supplies one", () => {
  expect(nextStatus(undefined, entry(0), { ...context, noun: 'pod' }).status.noun).toBe('pod');
  expect(after(entry(0)).noun).toBeUndefined();
});

test('tick durations are counted in their buckets', () => {
  const took = (ms: number): Entry => ({ ...entry(0), tookMs: ms });
  expect(after(took(25), took(26), took(99_000)).took).toEqual({
    buckets: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    sumMs: 99_051,
  });
});

test.each([
  { name: 'no tick yet', status: undefined, now: T0, ok: false },
  { name: 'a tick just now', status: after(entry(0)), now: T0 + 1000, ok: true },
  { name: 'a tick three intervals ago', status: after(entry(0)), now: T0 + 30_000, ok: true },
  { name: 'a tick more than three intervals ago', status: after(entry(0)), now: T0 + 30_001, ok: false },
  {
    name: 'two ticks without a decision',
    status: after(entry(0), entry(10, [blindEntry()]), entry(20, [blindEntry()])),
    now: T0 + 21_000,
    ok: true,
  },
  {
    name: 'three ticks without a decision for one of two process types',
    status: after(
      ...[0, 10, 20].map((at) => entry(at, [blindEntry(), decidedEntry({ processType: 'mailer' })])),
    ),
    now: T0 + 21_000,
    ok: false,
  },
  {
    name: 'a decision after three ticks without one',
    status: after(...[0, 10, 20].map((at) => entry(at, [blindEntry()])), entry(30)),
    now: T0 + 31_000,
    ok: true,
  },
])('health: $name', ({ status, now, ok }) => {
  expect(healthOf(status, now).ok).toBe(ok);
});

test('the tick that sees the end of a burst returns it', () => {
  const busy = decidedEntry({
    queues: [queueEntry({ ready: 900, added: 900 })],
    needed: 9,
  });
  const calm = decidedEntry({ queues: [queueEntry({ added: 900 })] });
  let result = nextStatus(undefined, entry(0), context);
  result = nextStatus(result.status, entry(10, [busy]), context);
  expect([result.status.types[0]?.burst?.jobs, result.bursts]).toEqual([900, []]);
  result = nextStatus(result.status, entry(20, [calm]), context);
  expect([result.status.types[0]?.burst, result.bursts.map(({ jobs }) => jobs)]).toEqual([undefined, [900]]);
});
