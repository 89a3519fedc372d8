import { expect, test } from 'vitest';

import { explore } from './explore.ts';
import { DRAINED, keyOf, OUTSTANDING, START, type Flaws } from './state.ts';

/** Ticks that want one or two pods, whatever was wanted before. */
const NONE = { fewest: 1 } as const;
/** The same, with one failure or one rollout at any moment. */
const ONE_FAILURE = { fewest: 1, failures: 1 } as const;
const ONE_ROLLOUT = { fewest: 1, rollouts: 1 } as const;

test('no scale-down cuts a job, no worker stays paused for ever, and no job waits beside idle pods', () => {
  // Larger configurations: `npm run bench -- protocol`.
  const { states, found, seen } = explore([{ ...START, ...NONE }]);
  expect(found).toBeUndefined();
  expect(states).toBe(1640);
  // The states from which the flaws are looked for can be reached.
  expect(seen.has(keyOf({ ...DRAINED, ...NONE }))).toBe(true);
  expect(seen.has(keyOf({ ...OUTSTANDING, ...NONE }))).toBe(true);
});

test.each<{ name: string; flaws: Flaws; given: Partial<typeof START>; found?: string }>([
  {
    name: 'a paused worker counts as drained while a fetch is pending',
    flaws: { pausedCountsAsDrained: true },
    given: NONE,
  },
  {
    name: 'an epoch survives that a worker is called back',
    flaws: { epochOutlivesCall: true },
    given: ONE_FAILURE,
  },
  {
    name: 'the request is written without a compare-and-set',
    flaws: { unconditionalWrite: true },
    given: ONE_FAILURE,
  },
  {
    name: 'a process takes jobs before it has read the request',
    flaws: { noStartGate: true },
    given: NONE,
  },
  { name: 'pods are removed without a drain request', flaws: { noDrainRequest: true }, given: NONE },
  {
    name: 'returning demand does not delete the request',
    flaws: { neverDeletesRequest: true },
    given: NONE,
    found: 'a job waits beside idle pods',
  },
  { name: 'a pod that stays need not be ready', flaws: { ignoresRank: true }, given: ONE_FAILURE },
  { name: 'drained pods are not marked', flaws: { neverMarks: true }, given: NONE },
  { name: 'pods of two ReplicaSets are scaled down', flaws: { ignoresOwner: true }, given: ONE_ROLLOUT },
  { name: 'the scale is set whatever its version', flaws: { ignoresVersion: true }, given: NONE },
  {
    name: 'pods that the controller has yet to remove are called back',
    flaws: { releasesOutstanding: true },
    given: NONE,
  },
])('the check finds the flaw: $name', ({ flaws, given, found = 'a job is cut' }) => {
  expect(explore([{ ...DRAINED, ...given }], flaws).found).toBe(found);
});
