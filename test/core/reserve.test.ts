import { expect, test } from 'vitest';

import { decide } from '../../src/core/decide.ts';
import { initialMemory, type Memory } from '../../src/core/memory.ts';
import type { Observation, Policy, QueueObservation } from '../../src/core/types.ts';

const AT = Date.parse('2026-11-23T12:00:00Z');
const HOUR_MS = 3_600_000;
const TICK_MS = 10_000;

const policy: Policy = {
  sizing: { kind: 'wait', maxWaitMs: 10_000 },
  min: 0,
  max: 50,
  concurrency: 5,
  bootMs: 30_000,
  tickMs: TICK_MS,
  scaleDownDelayMs: 60_000,
  noun: 'dyno',
  monthlyPricePerWorker: 25,
};
const quiet: QueueObservation = {
  name: 'mail',
  waiting: 0,
  prioritized: 0,
  due: 0,
  dueSoon: 0,
  active: 0,
  added: 1000,
  paused: false,
};
const observed = (at: number, queue: Partial<QueueObservation>, quantity = 3): Observation => ({
  at,
  quantity,
  queues: [{ ...quiet, ...queue }],
});

/** A queue of 2 s jobs whose bursts needed 15 slots in each of two periods; `late` of its 1,000 jobs. */
function remembered(late: number): Memory {
  const at = AT - TICK_MS;
  const periods = [AT - 4 * HOUR_MS, AT - 2 * HOUR_MS].map((since) => [since, [[15, 500] as const]] as const);
  return {
    ...initialMemory(policy, 3, at),
    peaks: [],
    queues: [
      [
        'mail',
        {
          at,
          added: 1000,
          inSystem: 0,
          running: 0,
          ready: 0,
          busyMs: 200_000,
          departures: 100,
          arrivals: 0,
          marks: [[at, 1000]],
        },
      ],
    ],
    lateness: [['mail', { periods: [[AT - 4 * HOUR_MS, 1000, late]] }]],
    needs: [['mail', { offered: 0, at, periods }]],
  };
}

test('where no job needs it, the reason says what a worker is kept for', () => {
  const { decision } = decide(policy, remembered(100), observed(AT, {}, 3));
  expect(decision.reserved).toBe(3);
  expect(decision.reason).toBe('0 jobs need 0 dynos; 3 more kept ready for waits of 10 s: stay at 3');
  const enough = decide(policy, remembered(100), observed(AT, { waiting: 90 }, 3)).decision;
  expect(enough.reserved).toBeUndefined();
  expect(enough.reason).toMatch(/^90 jobs need \d+ dynos: /);
});

test.each<{ name: string; policy: Policy; late: number; to: number; says: string | undefined }>([
  {
    name: 'is whole where too many jobs were late, and its price is said',
    policy,
    late: 100,
    to: 3,
    says: '10 s needs 3 dynos idle, $75 a month',
  },
  { name: 'is absent where jobs were in time without', policy, late: 0, to: 0, says: undefined },
  {
    name: 'is a part of it between',
    policy,
    late: 30,
    to: 2,
    says: '10 s needs 2 dynos idle, $50 a month',
  },
  {
    name: 'has no price where none is known',
    policy: { ...policy, monthlyPricePerWorker: undefined },
    late: 100,
    to: 3,
    says: '10 s needs 3 dynos idle',
  },
  {
    name: 'stays within the maximum',
    policy: { ...policy, max: 2 },
    late: 100,
    to: 2,
    says: '10 s needs 2 dynos idle, $50 a month',
  },
  {
    name: 'is absent where a new worker would be in time',
    policy: { ...policy, sizing: { kind: 'wait', maxWaitMs: 60_000 } },
    late: 100,
    to: 0,
    says: undefined,
  },
])('the reserve of a quiet queue $name', ({ policy: chosen, late, to, says }) => {
  const { decision, memory } = decide(chosen, remembered(late), observed(AT, {}));
  const sizing = decision.steps.find(({ stage }) => stage === 'sizing');
  expect(decision.to).toBe(to);
  expect(sizing?.note?.match(/10 s needs.*?(?=;|$)/)?.[0]).toBe(says);
  // Decided again on the result, it stays.
  expect(decide(chosen, memory, observed(AT, {}, to)).decision.to).toBe(to);
});

test('a day without jobs ends the reserve', () => {
  let memory = remembered(100);
  let quantity = 3;
  const setAt = (hours: number): number => {
    const result = decide(policy, memory, observed(AT + hours * HOUR_MS, {}, quantity));
    [memory, quantity] = [result.memory, result.decision.to];
    return quantity;
  };
  expect(setAt(19)).toBe(3);
  expect([setAt(24), setAt(24.1)].at(-1)).toBe(0);
  expect(memory.needs?.[0]?.[1].periods).toEqual([]);
});

/** Twenty ticks of ten 5 s jobs each, then what the last reading shows. */
function afterSteadyTicks(last: Partial<QueueObservation>): Map<number, number> {
  let memory = initialMemory(policy, 3, AT);
  for (let tick = 0; tick < 20; tick += 1) {
    const queue = { active: 5, added: tick * 10 };
    ({ memory } = decide(policy, memory, observed(AT + tick * TICK_MS, queue)));
  }
  const ready = (memory.needs?.[0]?.[1].periods ?? []).flatMap(([, needs]) => needs);
  const { memory: after } = decide(policy, memory, observed(AT + 20 * TICK_MS, last));
  const needs = (after.needs?.[0]?.[1].periods ?? []).flatMap(([, all]) => all);
  const known = new Map(ready);
  return new Map(needs.map(([slots, jobs]) => [slots, Math.round(jobs - (known.get(slots) ?? 0))]));
}

const changed = (needs: Map<number, number>): [slots: number, jobs: number][] =>
  [...needs].filter(([, jobs]) => jobs > 0);

test('a burst needs the slots that would have started it within the wait', () => {
  // 61.6 jobs at once, and a slot that is free for 10 s starts 1 + 0.82 · 10 / 5 = 2.63 of them: 23.4 slots.
  const needs = changed(afterSteadyTicks({ active: 15, waiting: 45, added: 250 }));
  expect(Math.max(...needs.map(([slots]) => slots))).toBe(27);
  expect(needs.reduce((sum, [, jobs]) => sum + jobs, 0)).toBeGreaterThanOrEqual(55);
});

test.each([
  { name: 'of a paused queue', last: { paused: true } },
  { name: 'behind a rate limiter', last: { rateLimitedMs: 5000 } },
])('jobs $name are no reason for a reserve', ({ last }) => {
  expect(changed(afterSteadyTicks({ active: 15, waiting: 45, added: 250, ...last }))).toEqual([]);
});
