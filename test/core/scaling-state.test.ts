import { describe, expect, test } from 'vitest';

import { busyOrdinal } from '../../src/core/busy-workers.ts';
import {
  bootMsAt,
  concurrencyAt,
  learnFromWorkers,
  noteWrite,
  observeQuantity,
  settleWrite,
  takeOver,
  uncertainAbove,
  type ScalingState,
} from '../../src/core/scaling-state.ts';
import type { Write } from '../../src/core/writes.ts';
import { cedar } from '../support/ports.ts';

const HOLD = 600_000;
const AT = 10_000_000;

function written(from: number, to: number, ageMs: number, answered = true): Write {
  return { from, to, at: AT - ageMs, answered };
}

describe('whose quantity it is', () => {
  const rows: {
    name: string;
    before: ScalingState;
    quantity: number;
    holdMs?: number;
    manual: ScalingState['manual'];
  }[] = [
    { name: 'the first one seen is attributed to no one', before: {}, quantity: 7, manual: undefined },
    { name: 'an unchanged one is ours', before: { quantity: 7 }, quantity: 7, manual: undefined },
    {
      name: 'one that the last write set is ours',
      before: { quantity: 7, writes: [written(7, 9, 10_000, false)] },
      quantity: 9,
      manual: undefined,
    },
    {
      name: 'one that an earlier write set, carried out after the next, is ours',
      before: { quantity: 13, writes: [written(3, 10, 40_000, false), written(3, 13, 20_000)] },
      quantity: 10,
      manual: undefined,
    },
    {
      name: 'one that an answered write started from is ours: it may not have been carried out yet',
      before: { quantity: 13, writes: [written(3, 13, 20_000)] },
      quantity: 3,
      manual: undefined,
    },
    {
      name: 'a 0 that a write of the last minutes set is ours',
      before: { quantity: 4, writes: [written(3, 0, 290_000, false), written(3, 4, 10_000)] },
      quantity: 0,
      manual: undefined,
    },
    {
      name: 'a write of long ago explains nothing',
      before: { quantity: 4, writes: [written(3, 8, 300_000)] },
      quantity: 8,
      manual: { since: AT, until: AT + HOLD },
    },
    {
      name: 'one without an answer is ours however late the next reading comes: ticks are far apart, or Heroku was away',
      before: { quantity: 4, writes: [written(4, 8, 3_600_000, false)] },
      quantity: 8,
      manual: undefined,
    },
    {
      name: 'a 0 without an answer is ours however late the next reading comes',
      before: { quantity: 4, writes: [written(4, 0, 3_600_000, false)] },
      quantity: 0,
      manual: undefined,
    },
    {
      name: 'any other is a person\u2019s, for a while',
      before: { quantity: 7, writes: [written(7, 9, 10_000)] },
      quantity: 8,
      manual: { since: AT, until: AT + HOLD },
    },
    {
      name: 'a manual 0 lasts until it is above 0',
      before: { quantity: 7 },
      quantity: 0,
      manual: { since: AT },
    },
    {
      name: 'still 0, long after',
      before: { quantity: 0, manual: { since: 1 } },
      quantity: 0,
      manual: { since: 1 },
    },
    {
      name: 'a manual quantity above 0 is held for a while',
      before: { quantity: 0, manual: { since: 1 } },
      quantity: 2,
      manual: { since: AT, until: AT + HOLD },
    },
    {
      name: 'with no hold wanted, nothing is a person\u2019s',
      before: { quantity: 7 },
      quantity: 0,
      holdMs: 0,
      manual: undefined,
    },
    {
      name: 'with no hold wanted any more, a hold that stands ends',
      before: { quantity: 7, manual: { since: 1, until: AT + 1000 } },
      quantity: 7,
      holdMs: 0,
      manual: undefined,
    },
    {
      name: 'a manual 0 ends when manual holds are turned off',
      before: { quantity: 0, manual: { since: 1 } },
      quantity: 0,
      holdMs: 0,
      manual: undefined,
    },
    {
      name: 'a shorter hold shortens the one that stands',
      before: { quantity: 7, manual: { since: AT - 1000, until: AT + 86_400_000 } },
      quantity: 7,
      holdMs: 60_000,
      manual: { since: AT - 1000, until: AT + 60_000 },
    },
    {
      name: 'a hold of a clock that was ahead lasts no longer than any other',
      before: { quantity: 7, manual: { since: AT + 3_600_000, until: AT + 4_200_000 } },
      quantity: 7,
      manual: { since: AT, until: AT + HOLD },
    },
    {
      name: 'a hold that ran out is over',
      before: { quantity: 7, manual: { since: 1, until: AT } },
      quantity: 7,
      manual: undefined,
    },
    {
      name: 'a hold goes on while nothing changes',
      before: { quantity: 7, manual: { since: 1, until: AT + 1 } },
      quantity: 7,
      manual: { since: 1, until: AT + 1 },
    },
  ];
  test.each(rows)('$name', ({ before, quantity, holdMs, manual }) => {
    const after = observeQuantity(before, quantity, AT, holdMs ?? HOLD);
    expect(after.quantity).toBe(quantity);
    expect(after.manual).toEqual(manual);
  });

  test('a write without an answer explains no more once a reading came after its time', () => {
    const late = { quantity: 4, writes: [written(4, 8, 3_600_000, false)] };
    const seen = observeQuantity(late, 4, AT, HOLD);
    expect(seen.writes).toEqual([]);
    expect(observeQuantity(seen, 8, AT + 10_000, HOLD).manual).toBeDefined();
  });

  test('a write of a clock that was ahead is forgotten as if it were of now', () => {
    const ahead = observeQuantity({ quantity: 3, writes: [written(3, 9, -86_400_000)] }, 3, AT, HOLD);
    expect(observeQuantity(ahead, 9, AT + 299_999, HOLD).manual).toBeUndefined();
    expect(observeQuantity(ahead, 9, AT + 300_000, HOLD).manual).toBeDefined();
  });

  test('a clock that takes over what another remembered still knows its own writes', () => {
    const own = noteWrite({ quantity: 3 }, 3, 0, AT);
    const taken = takeOver({ quantity: 3 }, own);
    expect(observeQuantity(taken, 0, AT + 20_000, HOLD).manual).toBeUndefined();
  });
});

describe('a change that got no answer', () => {
  const rows: { name: string; writes: readonly Write[]; above: number }[] = [
    { name: 'none was made', writes: [], above: Infinity },
    { name: 'was answered', writes: [written(6, 3, 1000)], above: Infinity },
    { name: 'may still remove dynos', writes: [written(6, 3, 44_999, false)], above: 3 },
    { name: 'is too long ago', writes: [written(6, 3, 45_000, false)], above: Infinity },
    {
      name: 'the lowest of several counts',
      writes: [written(9, 2, 30_000, false), written(9, 6, 10_000, false)],
      above: 2,
    },
  ];
  test.each(rows)('$name', ({ writes, above }) => {
    expect(uncertainAbove({ writes }, AT)).toBe(above);
  });

  test('is settled by its answer, with what it left', () => {
    const noted = noteWrite({ quantity: 6 }, 6, 3, AT);
    expect(uncertainAbove(noted, AT)).toBe(3);
    const settled = settleWrite(noted, { quantity: 3, answered: true });
    expect(settled).toMatchObject({ quantity: 3, writes: [{ to: 3, answered: true }] });
    expect(uncertainAbove(settled, AT)).toBe(Infinity);
  });
});

describe('what the workers taught', () => {
  const worker = (ordinal: number, bootedAt: number, readyAt: number) => ({
    dyno: `worker.${ordinal}`,
    ordinal,
    ageMs: 0,
    concurrency: 5,
    bootedAt,
    readyAt,
  });
  const raised = settleWrite(noteWrite({ quantity: 3 }, 3, 6, AT), { quantity: 6, answered: true });

  test('the boots that a rise brings are learned', () => {
    const seen = observeQuantity(raised, 6, AT + 30_000, HOLD);
    const learned = learnFromWorkers(seen, { reports: [worker(4, AT + 9000, AT + 22_000)] }, AT + 30_000);
    expect(learned.boots).toMatchObject({ value: [22_000], since: AT + 30_000 });
  });

  test('a deploy soon after the rise teaches nothing once the rise has', () => {
    const rise = [4, 5, 6].map((ordinal) => worker(ordinal, AT + 9000, AT + 22_000));
    const first = observeQuantity(raised, 6, AT + 30_000, HOLD);
    const one = learnFromWorkers(first, { reports: rise.slice(0, 1) }, AT + 30_000);
    expect(one.raised).toBeDefined();
    const learned = learnFromWorkers(one, { reports: rise }, AT + 40_000);
    expect(learned.raised).toBeUndefined();
    const deployed = [4, 5, 6].map((ordinal) => worker(ordinal, AT + 230_000, AT + 255_000));
    expect(learnFromWorkers(learned, { reports: deployed }, AT + 260_000).boots?.value).toEqual([
      22_000, 22_000, 22_000,
    ]);
  });

  test('the slow boots of a rise count too, until one takes twice as long as the slowest', () => {
    const boots = [20, 25, 38].map((seconds, index) => worker(4 + index, AT + 5000, AT + seconds * 1000));
    const at = (state: ScalingState, seconds: number, seen: number): ScalingState =>
      learnFromWorkers(state, { reports: boots.slice(0, seen) }, AT + seconds * 1000);
    const two = at(observeQuantity(raised, 6, AT + 30_000, HOLD), 30, 2);
    expect(two.boots?.value).toEqual([20_000, 25_000]);
    expect(at(two, 40, 3).boots?.value).toEqual([20_000, 25_000, 38_000]);
    expect(at(two, 40, 3).raised).toBeUndefined();
    expect(bootMsAt(at(two, 40, 3), AT + 40_000)).toBeCloseTo(35_400);
    expect(at(two, 50, 2).raised).toBeDefined();
    expect(at(two, 51, 2).raised).toBeUndefined();
  });

  test('a deploy hours after the rise teaches nothing of boots', () => {
    const later = AT + 3 * 3_600_000;
    const seen = observeQuantity(raised, 6, later, HOLD);
    expect(seen.raised).toBeUndefined();
    const learned = learnFromWorkers(seen, { reports: [worker(5, later - 20_000, later - 1000)] }, later);
    expect(learned.boots).toBeUndefined();
  });

  test('is believed for its time, and no longer', () => {
    const learned = learnFromWorkers({}, { reports: [worker(1, 0, 1)] }, AT);
    expect(concurrencyAt(learned, AT + 86_399_999)).toBe(5);
    expect(concurrencyAt(learned, AT + 86_400_000)).toBeUndefined();
    // By a clock that was a year ahead.
    expect(concurrencyAt(learned, AT - 365 * 86_400_000)).toBeUndefined();
  });
});

describe('the highest busy dyno', () => {
  const rows: { name: string; holders: (string | null)[]; highest: number | undefined }[] = [
    { name: 'the highest of several', holders: ['worker.2', 'worker.11', 'worker.3'], highest: 11 },
    { name: 'no named worker', holders: [null], highest: undefined },
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
    expect(busyOrdinal(holders, cedar('worker'))).toBe(highest);
  });
});
