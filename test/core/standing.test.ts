import { describe, expect, test } from 'vitest';

import { busyOrdinal } from '../../src/core/busy.ts';
import {
  askFor,
  learnLimit,
  limitAt,
  overrideAt,
  seeQuantity,
  type Standing,
} from '../../src/core/standing.ts';

const HOLD = 600_000;

describe('whose quantity it is', () => {
  const rows: {
    name: string;
    before: Standing;
    quantity: number;
    holdMs?: number;
    held: { until?: number } | undefined;
  }[] = [
    { name: 'the first one seen is nobody’s', before: {}, quantity: 7, held: undefined },
    { name: 'an unchanged one is ours', before: { quantity: 7 }, quantity: 7, held: undefined },
    {
      name: 'one that was asked for with no answer is ours',
      before: { quantity: 7, asked: 9 },
      quantity: 9,
      held: undefined,
    },
    {
      name: 'any other is a person’s, for a while',
      before: { quantity: 7, asked: 9 },
      quantity: 8,
      held: { until: 1000 + HOLD },
    },
    {
      name: 'zero by hand is a person’s until it is above zero',
      before: { quantity: 7 },
      quantity: 0,
      held: {},
    },
    { name: 'still zero, long after', before: { quantity: 0, handsOff: true }, quantity: 0, held: {} },
    {
      name: 'above zero again by hand is held for a while',
      before: { quantity: 0, handsOff: true },
      quantity: 2,
      held: { until: 1000 + HOLD },
    },
    {
      name: 'with no hold wished for, nothing is a person’s',
      before: { quantity: 7 },
      quantity: 0,
      holdMs: 0,
      held: undefined,
    },
    {
      name: 'a hold that ran out is over',
      before: { quantity: 7, heldUntil: 1000 },
      quantity: 7,
      held: undefined,
    },
    {
      name: 'a hold goes on while nothing changes',
      before: { quantity: 7, heldUntil: 1001 },
      quantity: 7,
      held: { until: 1001 },
    },
  ];
  test.each(rows)('$name', ({ before, quantity, holdMs, held }) => {
    const after = seeQuantity(before, quantity, 1000, holdMs ?? HOLD);
    expect(after.quantity).toBe(quantity);
    expect(overrideAt(after, 1000)).toEqual(held);
  });

  test('what is asked for is ours even when it is applied two ticks late', () => {
    const asked = askFor({ quantity: 3 }, 9);
    const later = seeQuantity(seeQuantity(asked, 3, 0, HOLD), 9, 10_000, HOLD);
    expect(overrideAt(later, 10_000)).toBeUndefined();
  });
});

test('a limit is believed for an hour', () => {
  const standing = learnLimit({ quantity: 10 }, 10, 0);
  expect([limitAt(standing, 3_599_999), limitAt(standing, 3_600_000), limitAt({}, 0)]).toEqual([
    10,
    Infinity,
    Infinity,
  ]);
});

describe('the highest busy dyno', () => {
  const rows: { name: string; holders: (string | null)[]; highest: number | undefined }[] = [
    { name: 'the highest of several', holders: ['worker.2', 'worker.11', 'worker.3'], highest: 11 },
    { name: 'nobody named', holders: [null], highest: undefined },
    { name: 'another process type', holders: ['mailer.9', 'worker.1'], highest: 1 },
    { name: 'a type that only begins alike', holders: ['worker-high.9'], highest: undefined },
    { name: 'a Fir name has no number', holders: ['worker-12a34bcd56-7efgh'], highest: undefined },
    {
      name: 'a name that is no number',
      holders: ['worker.__proto__', 'worker.1e9', 'worker.-1', 'worker.999999'],
      highest: undefined,
    },
  ];
  test.each(rows)('$name', ({ holders, highest }) => {
    expect(busyOrdinal(holders, 'worker')).toBe(highest);
  });
});
