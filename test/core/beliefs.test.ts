import { expect, test } from 'vitest';

import { beliefsOf, FORGETTABLE, forget } from '../../src/core/beliefs.ts';
import type { Learned } from '../../src/core/learn.ts';
import type { Memory } from '../../src/core/memory.ts';
import type { ScalingState } from '../../src/core/scaling-state.ts';

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
};
const scaling: ScalingState = {
  quantity: 4,
  writes: [{ from: 6, to: 3, at: AT - 10_000, answered: false }],
  manual: { since: AT - 60_000, until: AT + 540_000 },
  limit: { count: 100, counts: 'app', since: AT - 1000, until: AT + 59_000, refusals: 1 },
  concurrency: { value: 5, since: AT - 1000, until: AT + 86_399_000 },
  bootMs: { value: 22_400, since: AT - 1000, until: AT + 604_799_000 },
};

test('everything believed is listed, with since when, until when and what ends it', () => {
  const lines = beliefsOf({ memory, scaling }, 60_000, AT);
  expect(lines.map(({ kind, words, since, until }) => [kind, words, since, until])).toEqual([
    ['manual', 'scaled manually', AT - 60_000, AT + 540_000],
    ['write', 'a change from 6 to 3 got no answer and may still be carried out', AT - 10_000, AT + 35_000],
    ['limit', 'the platform allows 100 for the whole app', AT - 1000, AT + 59_000],
    ['concurrency', 'a worker runs 5 jobs at once', AT - 1000, AT + 86_399_000],
    ['boot', 'a worker takes its first job 22.4 s after it is added', AT - 1000, AT + 604_799_000],
    ['peak', '12 workers were needed', AT - 20_000, AT + 40_000],
    ['service-times', 'a job of mail takes 2.00 s', AT - 5000, undefined],
  ]);
  expect(lines.every(({ ends }) => ends.length > 0)).toBe(true);
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
