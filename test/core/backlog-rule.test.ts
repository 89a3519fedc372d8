import { describe, expect, test } from 'vitest';

import { decide, initialMemory, type Observation, type Policy } from '../../src/index.ts';
import { backlogRule, seen, to } from '../support/decisions.ts';
import { queue } from '../support/ports.ts';

describe('the backlog rule', () => {
  const rows: { name: string; policy?: Partial<Policy>; seen: Observation; to: number }[] = [
    { name: 'nothing to do from zero', seen: seen(0), to: 0 },
    { name: 'one job wakes one dyno', seen: seen(0, { waiting: 1 }), to: 1 },
    { name: '99 jobs are served', seen: seen(0, { waiting: 99 }), to: 1 },
    { name: 'rounds up', seen: seen(0, { waiting: 101 }), to: 2 },
    { name: 'prioritized jobs count', seen: seen(0, { prioritized: 250 }), to: 3 },
    {
      name: 'due delayed jobs count: only a worker moves them on',
      seen: seen(0, { due: 1, dueSoon: 1 }),
      to: 1,
    },
    { name: 'jobs due within a boot count before they are due', seen: seen(0, { dueSoon: 201 }), to: 3 },
    { name: 'due jobs are not counted twice', seen: seen(0, { due: 100, dueSoon: 100 }), to: 1 },
    {
      name: 'an orphan wakes a dyno, which alone recovers it',
      seen: seen(0, { active: 1, orphaned: 1 }),
      to: 1,
    },
    { name: 'a running job wakes none', seen: seen(0, { active: 1 }), to: 0 },
    { name: 'a paused queue asks for nothing', seen: seen(0, { waiting: 500, paused: true }), to: 0 },
    {
      name: 'a queue that may run 5 at once asks for 5 slots',
      seen: seen(0, { waiting: 10_000, concurrencyLimit: 5 }),
      to: 5,
    },
    {
      name: 'slots are shared by a dyno',
      policy: { concurrency: 5 },
      seen: seen(0, { waiting: 10_000, concurrencyLimit: 5 }),
      to: 1,
    },
    {
      name: 'a closed rate limiter lets the fleet not grow',
      seen: seen(4, { waiting: 10_000, active: 4, rateLimitedMs: 500 }),
      to: 4,
    },
    {
      name: 'a closed rate limiter still needs a worker',
      seen: seen(0, { waiting: 10_000, rateLimitedMs: 500 }),
      to: 1,
    },
    { name: 'the maximum', seen: seen(0, { waiting: 10_000 }), to: 50 },
    { name: 'the minimum', policy: { min: 3 }, seen: seen(0), to: 3 },
    {
      name: 'climbs no faster than a step',
      policy: { maxStepUp: 4 },
      seen: seen(1, { waiting: 5000 }),
      to: 5,
    },
    { name: 'falls no faster than a step', policy: { maxStepDown: 4 }, seen: seen(20), to: 16 },
    {
      name: 'a floor above the quantity is reached at once',
      policy: { min: 10, maxStepUp: 2 },
      seen: seen(0),
      to: 10,
    },
    {
      name: 'a maximum below the quantity is reached at once',
      policy: { max: 10, maxStepDown: 2 },
      seen: seen(20, { waiting: 5000 }),
      to: 10,
    },
    {
      name: 'no dyno is stopped that the next tick wants',
      seen: seen(20, { waiting: 300 }, { nextWanted: 7 }),
      to: 7,
    },
    { name: 'the next tick raises nothing', seen: seen(5, {}, { nextWanted: 9 }), to: 5 },
    {
      name: 'the next tick keeps nothing above the maximum',
      policy: { max: 8 },
      seen: seen(20, {}, { nextWanted: 9 }),
      to: 8,
    },
    { name: 'a busy dyno is never stopped', seen: seen(20, {}, { busyOrdinal: 7 }), to: 7 },
    {
      name: 'a busy dyno may stay above the maximum',
      policy: { max: 5 },
      seen: seen(20, {}, { busyOrdinal: 7 }),
      to: 7,
    },
    { name: 'a busy dyno never raises the quantity', seen: seen(3, {}, { busyOrdinal: 7 }), to: 3 },
    {
      name: 'running jobs keep the dynos they need, wherever they are',
      policy: { concurrency: 5 },
      seen: seen(20, { active: 11 }),
      to: 3,
    },
  ];
  test.each(rows)('$name', ({ policy, seen: observation, to: expected }) => {
    expect(to({ ...backlogRule, ...policy }, observation)).toBe(expected);
  });

  test('several queues are added up before rounding', () => {
    const queues = [
      queue({ name: 'a', waiting: 40 }),
      queue({ name: 'b', waiting: 40 }),
      queue({ name: 'c', waiting: 20 }),
    ];
    expect(to(backlogRule, { ...seen(0), queues })).toBe(1);
  });

  test('a peak is held for the delay, to the millisecond, and not longer', () => {
    let { memory, decision } = decide(backlogRule, initialMemory(backlogRule, 0, 0), {
      ...seen(0, { waiting: 900 }),
      at: 100_000,
    });
    expect(decision.to).toBe(9);
    for (const [at, expected] of [
      [110_000, 9],
      [160_000, 9],
      [160_001, 0],
    ] as const) {
      ({ memory, decision } = decide(backlogRule, memory, { ...seen(9), at }));
      expect(decision.to).toBe(expected);
    }
  });

  test('a held peak never raises what an operator lowered', () => {
    const { memory } = decide(backlogRule, initialMemory(backlogRule, 0, 0), {
      ...seen(0, { waiting: 900 }),
      at: 100_000,
    });
    expect(decide(backlogRule, memory, { ...seen(4), at: 110_000 }).decision.to).toBe(4);
  });

  test('every stage leaves its step, in order', () => {
    const { decision } = decide(
      backlogRule,
      initialMemory(backlogRule, 3, 0),
      seen(3, { waiting: 1240, active: 2 }),
    );
    expect(decision.steps.map(({ stage, count }) => `${stage} ${count}`)).toEqual([
      'demand 1240',
      'forecast 1240',
      'sizing 13',
      'bounds 13',
      'peak hold 13',
      'step limit 13',
      'protection 13',
    ]);
    expect(decision.reason).toBe('1,240 jobs need 13 workers: 3 → 13');
  });

  test('the figures are what the jobs need, what the limits leave of it, and what is set', () => {
    const policy = { ...backlogRule, max: 10, maxStepDown: 3, scaleDownDelayMs: 0 };
    const memory = initialMemory(policy, 9, 0);
    const busy = decide(policy, memory, { ...seen(9, { active: 2 }), at: 10_000, busyOrdinal: 8 });
    expect(busy.decision).toMatchObject({ needed: 0, limited: 6, to: 8 });
    const full = decide(policy, memory, { ...seen(9, { waiting: 5000 }), at: 10_000 });
    expect(full.decision).toMatchObject({ needed: 50, limited: 10, to: 10 });
  });

  test('the peak of a start without a scale-down delay is kept until the next tick', () => {
    const policy = { ...backlogRule, scaleDownDelayMs: 0 };
    const { decision } = decide(policy, initialMemory(policy, 9, 0), { ...seen(9, { waiting: 100 }), at: 0 });
    expect(decision.reason).toBe('100 jobs need 1 worker; 9 kept until the next tick: stay at 9');
  });

  test('texts have the noun of the platform', () => {
    const { decision } = decide(
      { ...backlogRule, noun: 'pod' },
      initialMemory(backlogRule, 3, 0),
      seen(3, { waiting: 150 }),
    );
    expect(decision.reason).toContain('150 jobs need 2 pods');
  });
});
