import { expect, test } from 'vitest';

import { allowedAt, keptLimit, learnLimit, type LimitBelief } from '../../src/core/platform-limit.ts';

const AT = 1_000_000;
const APP = { count: 100, counts: 'app' } as const;

test('a limit that goes on is tried again after 1, 2, 4 and then every 4 minutes', () => {
  let belief: LimitBelief | undefined;
  let at = AT;
  const waits: number[] = [];
  for (let refusal = 0; refusal < 5; refusal += 1) {
    belief = learnLimit(keptLimit(belief, at), APP, at);
    waits.push((belief.until - at) / 60_000);
    at = belief.until;
  }
  expect(waits).toEqual([1, 2, 4, 4, 4]);
});

test('ten minutes after the last refusal, the next one is the first again', () => {
  const belief = learnLimit(learnLimit(undefined, APP, AT), APP, AT + 60_000);
  expect(keptLimit(belief, AT + 659_999)).toBe(belief);
  expect(keptLimit(belief, AT + 660_000)).toBeUndefined();
});

test.each<{ name: string; belief: LimitBelief | undefined; others: number; at: number; allowed: number }>([
  { name: 'no limit', belief: undefined, others: 5, at: AT, allowed: Infinity },
  {
    name: 'the app\u2019s, beside few',
    belief: learnLimit(undefined, APP, AT),
    others: 20,
    at: AT,
    allowed: 80,
  },
  {
    name: 'the app\u2019s, used up',
    belief: learnLimit(undefined, APP, AT),
    others: 101,
    at: AT,
    allowed: 0,
  },
  {
    name: 'the app\u2019s, as others make room',
    belief: learnLimit(undefined, APP, AT),
    others: 3,
    at: AT + 10_000,
    allowed: 97,
  },
  {
    name: 'the type\u2019s, whatever else runs',
    belief: learnLimit(undefined, { count: 10, counts: 'type' }, AT),
    others: 90,
    at: AT,
    allowed: 10,
  },
  {
    name: 'one that ran out',
    belief: learnLimit(undefined, APP, AT),
    others: 20,
    at: AT + 60_000,
    allowed: Infinity,
  },
  {
    name: 'one that claims to last longer than any of ours',
    belief: { count: 0, counts: 'type', since: AT, until: 1e15, refusals: 1 },
    others: 0,
    at: AT,
    allowed: Infinity,
  },
])('what is allowed: $name', ({ belief, others, at, allowed }) => {
  expect(allowedAt(belief, others, at)).toBe(allowed);
});
