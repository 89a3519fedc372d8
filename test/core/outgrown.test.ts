import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { outgrown, type Takeable } from '../../src/core/outgrown.ts';
import { decide, initialMemory, type Memory, type Policy, type QueueObservation } from '../../src/index.ts';
import { backlogRule } from '../support/decisions.ts';
import { queue } from '../support/ports.ts';

const AT = 1_800_000_000_000;

const waitRule: Policy = { ...backlogRule, sizing: { kind: 'wait', maxWaitMs: 60_000, jobsPerWorker: 100 } };

type Case = {
  readonly policy?: Policy;
  /** The queue at the decision. */
  readonly seen?: Partial<QueueObservation>;
  /** Takeable jobs at the peek. */
  readonly takeable: number | undefined;
  readonly afterMs?: number;
  /** Arrivals of the last five minutes. */
  readonly arrivals?: number;
};

/** Whether a peek after a decision that set what it decided needs another decision. */
function needsTick({ policy = backlogRule, seen = {}, takeable, afterMs = 3000, arrivals }: Case): boolean {
  const queues = [queue(seen)];
  const before = initialMemory(policy, 0, AT - 10_000);
  const { decision, memory } = decide(policy, before, { at: AT, quantity: 0, queues });
  const shown: Takeable = new Map(takeable === undefined ? [] : [['mail', takeable]]);
  const made = { policy, memory: withArrivals(memory, arrivals), at: AT, queues, working: decision.to };
  return outgrown(made, shown, AT + afterMs);
}

function withArrivals(memory: Memory, arrivals: number | undefined): Memory {
  if (arrivals === undefined) return memory;
  return { ...memory, queues: memory.queues.map(([name, learned]) => [name, { ...learned, arrivals }]) };
}

test.each<Case & { name: string; needed: boolean }>([
  { name: 'the first job from zero', takeable: 1, needed: true },
  { name: 'the same jobs as before', seen: { waiting: 150 }, takeable: 150, needed: false },
  { name: 'fewer than before', seen: { waiting: 150 }, takeable: 20, needed: false },
  { name: 'more, which the workers can serve', seen: { waiting: 150 }, takeable: 200, needed: false },
  { name: 'more than the workers can serve', seen: { waiting: 150 }, takeable: 201, needed: true },
  {
    name: 'jobs that were counted as due soon',
    seen: { dueSoon: 250 },
    takeable: 250,
    afterMs: 30_000,
    needed: false,
  },
  { name: 'more than were due soon', seen: { dueSoon: 250 }, takeable: 650, afterMs: 30_000, needed: true },
  {
    name: 'what chance brings at this load',
    seen: { waiting: 199 },
    takeable: 218,
    afterMs: 5000,
    arrivals: 6000,
    needed: false,
  },
  {
    name: 'more than chance brings',
    seen: { waiting: 199 },
    takeable: 220,
    afterMs: 5000,
    arrivals: 6000,
    needed: true,
  },
  { name: 'a queue that stays paused', seen: { waiting: 900, paused: true }, takeable: 0, needed: false },
  { name: 'a queue that is resumed', seen: { waiting: 900, paused: true }, takeable: 900, needed: true },
  { name: 'a queue that could not be read', seen: { waiting: 150 }, takeable: undefined, needed: false },
  { name: 'the maximum is reached', seen: { waiting: 5000 }, takeable: 9000, needed: false },
  {
    name: 'the queue may run no more',
    seen: { waiting: 150, concurrencyLimit: 1 },
    takeable: 9000,
    needed: false,
  },
  { name: 'the clock was set back', takeable: 9000, afterMs: -3_600_000, needed: false },
  { name: 'a burst under the wait rule', policy: waitRule, takeable: 1000, needed: true },
])('$name: $needed', ({ needed, ...rest }) => {
  expect(needsTick(rest)).toBe(needed);
});

const counts = fc.record({
  waiting: fc.nat(2000),
  prioritized: fc.nat(2000),
  due: fc.nat(50),
  later: fc.nat(200),
  active: fc.nat(50),
});
const policies = fc.record({ wait: fc.boolean(), min: fc.nat(5), max: fc.integer({ min: 5, max: 40 }) });
const policyFor = ({ wait, min, max }: { wait: boolean; min: number; max: number }): Policy => ({
  ...(wait ? waitRule : backlogRule),
  min,
  max,
});

test('law: a peek that shows nothing new never needs a tick', () => {
  fc.assert(
    fc.property(
      policies,
      counts,
      fc.nat(30_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (rest, seen, afterMs, part) => {
        const { later, ...listed } = seen;
        const known = seen.waiting + seen.prioritized + seen.due;
        const takeable = Math.floor(known * part);
        expect(
          needsTick({
            policy: policyFor(rest),
            seen: { ...listed, dueSoon: seen.due + later },
            takeable,
            afterMs,
          }),
        ).toBe(false);
      },
    ),
  );
});

test('law: a flood always needs a tick, unless the maximum is reached', () => {
  fc.assert(
    fc.property(policies, counts, fc.integer({ min: 1000, max: 30_000 }), (rest, seen, afterMs) => {
      const policy = policyFor(rest);
      const { later, ...listed } = seen;
      const queues = [queue({ ...listed, dueSoon: seen.due + later })];
      const before = initialMemory(policy, 0, AT - 10_000);
      const { decision, memory } = decide(policy, before, { at: AT, quantity: 0, queues });
      const made = { policy, memory, at: AT, queues, working: decision.to };
      expect(outgrown(made, new Map([['mail', 1_000_000]]), AT + afterMs)).toBe(decision.to < policy.max);
    }),
  );
});
