import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { outgrown } from '../../src/core/outgrown.ts';
import type { ExpectedBurst } from '../../src/core/types.ts';
import { decide, initialMemory, type Memory, type Policy } from '../../src/index.ts';
import { queue } from '../support/ports.ts';

const NINE = Date.UTC(2026, 0, 5, 9);
const TICK_MS = 10_000;

const policy: Policy = {
  sizing: { kind: 'backlog', jobsPerWorker: 100 },
  min: 0,
  max: 100,
  concurrency: 1,
  bootMs: 30_000,
  tickMs: TICK_MS,
  scaleDownDelayMs: 0,
};
const newsletter: ExpectedBurst = {
  queue: 'mail',
  at: NINE,
  jobs: 8000,
  time: '09:00',
  seen: { days: 6, of: 7 },
};

type Step = { readonly atMs: number; readonly waiting: number; readonly added: number };

/** Decisions every tick from two minutes before nine; `jobsAt`: jobs that have come, and wait. */
function play(
  jobsAt: (ms: number) => number,
  expected: readonly ExpectedBurst[] = [newsletter],
  rules: Policy = policy,
): Map<number, { readonly to: number; readonly reason: string }> {
  let memory: Memory = initialMemory(rules, 0, NINE - 130_000);
  let quantity = 0;
  const found = new Map<number, { to: number; reason: string }>();
  for (let ms = -120_000; ms <= 180_000; ms += TICK_MS) {
    const came: Step = { atMs: ms, waiting: jobsAt(ms), added: jobsAt(ms) };
    const queues = [queue({ waiting: came.waiting, added: 1000 + came.added })];
    const decided = decide(rules, memory, { at: NINE + ms, quantity, queues, expected });
    ({ memory } = decided);
    quantity = decided.decision.to;
    found.set(ms / 1000, { to: quantity, reason: decided.decision.reason });
  }
  return found;
}

test('workers for an expected burst are started a boot and a tick before it, and say why', () => {
  const decisions = play(() => 0);
  expect(decisions.get(-50)?.to).toBe(0);
  expect(decisions.get(-40)).toEqual({
    to: 80,
    reason: '8,000 jobs need 80 workers, of them 8,000 expected at 09:00, as on 6 of the last 7 days: 0 → 80',
  });
});

test('a burst that does not come within its minute and a half is no longer expected', () => {
  const decisions = play(() => 0);
  expect(decisions.get(80)?.to).toBe(80);
  expect(decisions.get(90)?.to).toBe(0);
});

test('jobs that have come are not expected again', () => {
  const decisions = play((ms) => (ms < 10_000 ? 0 : ms < 20_000 ? 3000 : 8000));
  expect(decisions.get(10)?.reason).toContain('of them 5,000 expected');
  expect(decisions.get(10)?.to).toBe(80);
  expect(decisions.get(20)).toEqual({ to: 80, reason: '8,000 jobs need 80 workers: stay at 80' });
});

test('with slots ten minutes apart, workers are not started ten minutes before', () => {
  const decisions = play(() => 0, [newsletter], { ...policy, tickMs: 600_000 });
  expect(decisions.get(-100)?.to).toBe(0);
  expect(decisions.get(-90)?.to).toBe(80);
});

test.each([
  { name: 'of a queue that is not read', expected: { ...newsletter, queue: 'other' }, rest: {} },
  { name: 'of a paused queue', expected: newsletter, rest: { paused: true } },
  { name: 'that needs no more workers', expected: { ...newsletter, jobs: 10 }, rest: { waiting: 4950 } },
])('a burst $name changes nothing', ({ expected, rest }) => {
  const observation = { at: NINE - 20_000, quantity: 0, queues: [queue(rest)] };
  const memory = initialMemory(policy, 0, NINE - 30_000);
  const without = decide(policy, memory, observation);
  expect(decide(policy, memory, { ...observation, expected: [expected] })).toEqual(without);
});

test('law: never fewer workers than without expected bursts, and nothing of them is remembered', () => {
  const wait: Policy = { ...policy, sizing: { kind: 'wait', maxWaitMs: 60_000, jobsPerWorker: 50 } };
  const learned = {
    at: NINE - 60_000,
    added: 500,
    inSystem: 100,
    running: 4,
    ready: 100,
    busyMs: 80_000,
    departures: 40,
    arrivals: 60,
    marks: [[NINE - 60_000, 400]] satisfies [number, number][],
  };
  const bursts = fc.array(
    fc.record({ atMs: fc.integer({ min: -100_000, max: 100_000 }), jobs: fc.nat(20_000) }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(fc.boolean(), fc.nat(500), fc.nat(20), bursts, (byWait, waiting, active, found) => {
      const rules = byWait ? wait : policy;
      const memory: Memory = { ...initialMemory(rules, 3, NINE - 60_000), queues: [['mail', learned]] };
      const queues = [queue({ waiting, active, added: 500 + waiting })];
      const expected = found.map(({ atMs, jobs }) => ({ ...newsletter, at: NINE + atMs, jobs }));
      const without = decide(rules, memory, { at: NINE, quantity: 3, queues });
      const decided = decide(rules, memory, { at: NINE, quantity: 3, queues, expected });
      expect(decided.decision.to).toBeGreaterThanOrEqual(without.decision.to);
      expect(decided.memory.queues).toEqual(without.memory.queues);
    }),
  );
});

test('a burst that comes into sight between two slots brings the next tick forward, once', () => {
  const queues = [queue()];
  const { decision, memory } = decide(policy, initialMemory(policy, 0, NINE - 60_000), {
    at: NINE - 45_000,
    quantity: 0,
    queues,
    expected: [newsletter],
  });
  const made = { policy, memory, at: NINE - 45_000, queues, working: decision.to, expected: [newsletter] };
  const nothing = new Map([['mail', 0]]);
  expect(outgrown(made, nothing, NINE - 41_000)).toBe(false);
  expect(outgrown(made, nothing, NINE - 39_000)).toBe(true);
  expect(outgrown({ ...made, at: NINE - 39_000 }, nothing, NINE - 35_000)).toBe(false);
});
