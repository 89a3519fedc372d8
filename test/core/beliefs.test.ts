import { expect, test } from 'vitest';

import { beliefsOf, FORGETTABLE, forget } from '../../src/core/beliefs.ts';
import { decide } from '../../src/core/decide.ts';
import type { Learned } from '../../src/core/learn.ts';
import { initialMemory, type Memory } from '../../src/core/memory.ts';
import { MOST_QUEUE_GROUPS } from '../../src/core/overflow-queues.ts';
import type { ScalingState } from '../../src/core/scaling-state.ts';
import { backlogRule } from '../support/decisions.ts';

const AT = 10_000_000;
const learned: Learned = {
  at: AT - 5000,
  added: 100,
  inSystem: 3,
  running: 1,
  ready: 3,
  busyMs: 20_000,
  departures: 10,
  arrivals: 5,
  marks: [],
};
const memory: Memory = {
  version: 1,
  peaks: [[AT - 20_000, 12]],
  queues: [['mail', learned]],
  capacity: { quantity: 4, booting: [] },
  lateness: [
    ['mail', { periods: [[AT - 3_600_000, 1000.4, 41]] }],
    ['quiet', { periods: [] }],
  ],
  needs: [
    [
      'mail',
      {
        offered: 1,
        at: AT,
        periods: [
          [AT - 10_800_000, [[2, 600]]],
          [AT - 3_600_000, [[3, 400]]],
        ],
      },
    ],
  ],
};
const scaling: ScalingState = {
  quantity: 4,
  writes: [{ from: 6, to: 3, at: AT - 10_000, answered: false }],
  manual: { since: AT - 60_000, until: AT + 540_000 },
  limit: { count: 100, counts: 'app', since: AT - 1000, until: AT + 59_000, refusals: 1 },
  concurrency: { value: 5, since: AT - 1000, until: AT + 86_399_000 },
  boots: { value: [20_100, 24_300, 38_000], since: AT - 1000, until: AT + 604_799_000 },
};

test('boots that all took as long are shown with one figure', () => {
  const boots = { value: [3000, 3100, 3200], since: AT, until: AT + 1000 };
  const lines = beliefsOf({ memory, scaling: { quantity: 4, boots } }, 60_000, AT);
  expect(lines.find(({ kind }) => kind === 'boot')?.words).toBe('boots take 3 s, planned with 3 s');
});

test('everything believed is listed, with since when, until when and what ends it', () => {
  const lines = beliefsOf({ memory, scaling }, 60_000, AT);
  expect(lines.map(({ kind, words, since, until }) => [kind, words, since, until])).toEqual([
    ['manual', 'scaled manually', AT - 60_000, AT + 540_000],
    ['write', 'a change from 6 to 3 got no answer and may still be carried out', AT - 10_000, AT + 35_000],
    ['limit', 'the platform allows 100 for the whole app', AT - 1000, AT + 59_000],
    ['concurrency', 'a worker runs 5 jobs at once', AT - 1000, AT + 86_399_000],
    ['boot', 'boots take 20 to 38 s, planned with 35 s', AT - 1000, AT + 604_799_000],
    ['peak', '12 workers were needed', AT - 20_000, AT + 40_000],
    ['service-times', 'a job of mail takes 2.00 s', AT - 5000, undefined],
    ['lateness', '4.1 % of 1,000 jobs of mail started late', AT - 3_600_000, AT + 82_800_000],
    [
      'reserve',
      '95 % of 1,000 jobs of mail would have started in time with 2 slots',
      AT - 10_800_000,
      AT + 75_600_000,
    ],
  ]);
  expect(lines.every(({ ends }) => ends.length > 0)).toBe(true);
});

test('expected bursts are listed, soonest first, or why nothing is made of them', () => {
  const burst = { queue: 'mail', at: AT, jobs: 8000, time: '09:00', seen: { days: 6, of: 7 } };
  const bursts = [
    burst,
    { ...burst, queue: 'sms', at: AT + 60_000, seen: { days: 3, of: 4, weekday: 'Tuesday' } },
  ] as const;
  const foreseen = { value: { bursts }, since: AT - 1000, until: AT + 60_000_000 };
  const plain = { memory: { ...memory, peaks: [], queues: [], lateness: [], needs: [] }, scaling: {} };
  const shown = (at: number, kept: typeof foreseen | undefined): unknown[] =>
    beliefsOf({ ...plain, foreseen: kept }, 0, at).map(({ kind, words, until }) => [kind, words, until]);
  expect(shown(AT, foreseen)).toEqual([
    ['forecast', 'mail: 8,000 expected at 09:00, as on 6 of the last 7 days', AT + 90_000],
    ['forecast', 'sms: 8,000 expected at 09:00, as on 3 of the last 4 Tuesdays', AT + 150_000],
  ]);
  expect(shown(AT + 100_000, foreseen)).toHaveLength(1);
  expect(shown(AT + 60_000_000, foreseen)).toEqual([]);
  const off = { ...foreseen, value: { bursts, off: 'bursts by the clock are not prepared for' } };
  expect(shown(AT, off)).toEqual([['forecast', 'bursts by the clock are not prepared for', AT + 60_000_000]]);
});

test('merged queues are listed by what they have in common', () => {
  const tick = (before: Memory, at: number, added: number): Memory => {
    const queues = Array.from({ length: MOST_QUEUE_GROUPS * 3 }, (_, n) => ({
      name: `q${String(n).padStart(3, '0')}`,
      waiting: 0,
      prioritized: 0,
      due: 0,
      dueSoon: 0,
      active: 1,
      added,
      paused: false,
      ...(n % 2 === 0 ? { concurrencyLimit: 5 } : {}),
    }));
    return decide(backlogRule, before, { at, quantity: 4, queues }).memory;
  };
  let merged = tick(initialMemory(backlogRule, 4, AT), AT, 0);
  for (let n = 1; n < 10; n += 1) merged = tick(merged, AT + n * 10_000, n * 5);
  const others = merged.queues.slice(-2);
  const lines = beliefsOf({ memory: { ...merged, peaks: [], queues: others }, scaling: {} }, 60_000, AT);
  expect(lines.map(({ words }) => words)).toEqual([
    'a job of the other queues with limits takes 2.00 s',
    'a job of the other queues takes 2.00 s',
  ]);
});

test.each(FORGETTABLE)('%s is gone once it is forgotten, and all else stays', (kind) => {
  const before = beliefsOf({ memory, scaling }, 60_000, AT);
  const after = beliefsOf(forget({ memory, scaling }, [kind]), 60_000, AT);
  expect(before.filter((line) => line.kind === kind)).toHaveLength(1);
  expect(after).toEqual(before.filter((line) => line.kind !== kind));
});

test('what ran out is not listed', () => {
  const later = AT + 10 * 86_400_000;
  expect(beliefsOf({ memory: { ...memory, peaks: [], queues: [] }, scaling }, 60_000, later)).toMatchObject([
    { kind: 'manual' },
  ]);
});
