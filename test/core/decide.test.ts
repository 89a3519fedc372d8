import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  decide,
  initialMemory,
  type Memory,
  type Observation,
  type Policy,
  type QueueObservation,
} from '../../src/index.ts';
import { queue } from '../support/ports.ts';

const backlogRule: Policy = {
  sizing: { kind: 'backlog', jobsPerWorker: 100 },
  min: 0,
  max: 50,
  concurrency: 1,
  bootMs: 30_000,
  tickMs: 10_000,
  scaleDownDelayMs: 60_000,
};
const waitRule: Policy = { ...backlogRule, sizing: { kind: 'wait', maxWaitMs: 60_000 }, max: 500 };

function seen(
  quantity: number,
  overrides: Partial<QueueObservation> = {},
  rest: Partial<Observation> = {},
): Observation {
  return { at: 1_000_000, quantity, queues: [queue(overrides)], ...rest };
}

/** Decided with nothing remembered but that the quantity was 0 long ago, so that no peak holds. */
function to(policy: Policy, observation: Observation): number {
  return decide(policy, initialMemory(policy, 0, 0), observation).decision.to;
}

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

/** A queue served at a steady rate, played tick by tick so that the rule learns from it. */
function learned(
  policy: Policy,
  serviceMs: number,
  slots: number,
  quantity: number,
): { memory: Memory; at: number; added: number } {
  let memory = initialMemory(policy, quantity, 0);
  let added = 0;
  let at = 0;
  for (let tick = 0; tick < 60; tick += 1) {
    at += 10_000;
    added += Math.round((slots * 10_000) / serviceMs);
    ({ memory } = decide(policy, memory, { at, quantity, queues: [queue({ active: slots, added })] }));
  }
  return { memory, at, added };
}

describe('the wait rule', () => {
  test('goes by the backlog rule, and says so, while it does not know how long a job takes', () => {
    const { decision } = decide(waitRule, initialMemory(waitRule, 0, 0), seen(0, { waiting: 250 }));
    expect(decision.to).toBe(3);
    expect(decision.steps[2]?.note).toContain('until the service time is known');
  });

  const rows: { name: string; serviceMs: number; burst: number; least: number; most: number }[] = [
    // 27 s are left after a boot: 13.5 jobs a slot, less what variation takes.
    { name: 'short jobs share a dyno', serviceMs: 2000, burst: 600, least: 35, most: 60 },
    { name: 'jobs longer than the wait get a dyno each', serviceMs: 600_000, burst: 40, least: 35, most: 42 },
    { name: 'one job alone waits for company', serviceMs: 2000, burst: 1, least: 0, most: 0 },
  ];
  test.each(rows)('$name', ({ serviceMs, burst, least, most }) => {
    const past = learned(waitRule, serviceMs, 10, 10);
    // All that ran has ended, and a burst came.
    const added = past.added + burst;
    const observation = { at: past.at + 10_000, quantity: 0, queues: [queue({ waiting: burst, added })] };
    const { decision } = decide(waitRule, past.memory, observation);
    expect(decision.to).toBeGreaterThanOrEqual(least);
    expect(decision.to).toBeLessThanOrEqual(most);
  });

  test('one job alone gets its dyno before it is late', () => {
    let { memory, at, added } = learned(waitRule, 2000, 10, 10);
    added += 1;
    const asked: number[] = [];
    for (let tick = 1; tick <= 4 && asked.at(-1) !== 1; tick += 1) {
      at += 10_000;
      const result = decide(waitRule, memory, { at, quantity: 0, queues: [queue({ waiting: 1, added })] });
      ({ memory } = result);
      asked.push(result.decision.to);
    }
    expect(asked).toEqual([0, 0, 1]);
  });

  test('a queue with an objective of its own is held to it', () => {
    const policy: Policy = {
      ...waitRule,
      sizing: { kind: 'wait', maxWaitMs: 300_000, maxWaitMsByQueue: { mail: 60_000 } },
    };
    const [loose, tight] = [
      { ...waitRule, sizing: { kind: 'wait', maxWaitMs: 300_000 } } as const,
      policy,
    ].map((chosen) => {
      const past = learned(chosen, 2000, 10, 10);
      const queues = [queue({ waiting: 600, added: past.added + 600 })];
      return decide(chosen, past.memory, { at: past.at + 10_000, quantity: 0, queues }).decision.to;
    });
    expect(tight).toBeGreaterThan((loose ?? 0) * 3);
  });

  test.each([
    { name: 'a counter that goes back', change: { added: 0 } },
    { name: 'a queue that was obliterated', change: { added: 0, waiting: 0, active: 0 } },
    { name: 'a hundred thousand jobs removed by hand', change: { added: 100_000 } },
  ])('$name does not upset what was learned', ({ change }) => {
    const past = learned(waitRule, 2000, 10, 10);
    const { memory } = decide(waitRule, past.memory, {
      at: past.at + 10_000,
      quantity: 10,
      queues: [queue({ active: 10, ...change })],
    });
    const [, record] = memory.queues[0] ?? [];
    expect((record?.busyMs ?? 0) / (record?.departures ?? 1)).toBeGreaterThan(500);
    expect((record?.busyMs ?? 0) / (record?.departures ?? 1)).toBeLessThan(4000);
  });
});

const count = fc.nat({ max: 5000 });
const policies: fc.Arbitrary<Policy> = fc
  .record({
    sizing: fc.oneof(
      fc.record({ kind: fc.constant('backlog' as const), jobsPerWorker: fc.integer({ min: 1, max: 500 }) }),
      fc.record({ kind: fc.constant('wait' as const), maxWaitMs: fc.integer({ min: 1000, max: 600_000 }) }),
    ),
    min: fc.nat({ max: 10 }),
    span: fc.nat({ max: 100 }),
    concurrency: fc.integer({ min: 1, max: 20 }),
    bootMs: fc.nat({ max: 120_000 }),
    tickMs: fc.integer({ min: 1000, max: 60_000 }),
    scaleDownDelayMs: fc.nat({ max: 600_000 }),
    maxStepUp: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    maxStepDown: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  })
  .map(({ span, ...rest }) => ({ ...rest, max: Math.max(1, rest.min + span) }));
const queues = fc.array(
  fc
    .record({
      waiting: count,
      prioritized: count,
      due: count,
      soon: count,
      active: count,
      orphans: count,
      extra: count,
      paused: fc.boolean(),
      limit: fc.option(fc.nat({ max: 50 }), { nil: undefined }),
      limited: fc.nat({ max: 2 }),
    })
    .map(({ soon, orphans, extra, limit, limited, ...rest }) => ({
      ...rest,
      dueSoon: rest.due + soon,
      orphaned: Math.min(orphans, rest.active),
      added: rest.waiting + rest.prioritized + rest.due + rest.active + extra,
      concurrencyLimit: limit,
      rateLimitedMs: limited,
    })),
  { minLength: 1, maxLength: 3 },
);

/** A run of readings 10 s apart, decided one after the other and obeyed. */
const runs = fc.tuple(
  policies,
  fc.array(fc.tuple(queues, fc.option(fc.nat({ max: 60 }), { nil: undefined })), {
    minLength: 1,
    maxLength: 8,
  }),
  fc.nat({ max: 120 }),
);

describe('the laws', () => {
  const play = (
    [policy, readings, start]: typeof runs extends fc.Arbitrary<infer T> ? T : never,
    check: (before: Memory, observation: Observation, result: ReturnType<typeof decide>) => void,
  ): void => {
    let memory = initialMemory(policy, start, 0);
    let quantity = start;
    readings.forEach(([read, busyOrdinal], index) => {
      const observation = {
        at: (index + 1) * 10_000,
        quantity,
        busyOrdinal,
        queues: read.map((each, name) => ({ ...each, name: `q${name}` })),
      };
      const result = decide(policy, memory, observation);
      check(memory, observation, result);
      ({ memory } = result);
      quantity = result.decision.to;
    });
  };

  test('within bounds, but for running jobs, which never raise it', () => {
    fc.assert(
      fc.property(runs, (run) => {
        play(run, (_before, { quantity }, { decision }) => {
          const [policy] = run;
          expect(Number.isInteger(decision.to)).toBe(true);
          expect(decision.to).toBeGreaterThanOrEqual(policy.min);
          expect(decision.to).toBeLessThanOrEqual(Math.max(policy.max, quantity));
        });
      }),
    );
  });

  test('same arguments, same answer, and what is remembered survives JSON', () => {
    fc.assert(
      fc.property(runs, (run) => {
        play(run, (before, observation, result) => {
          expect(decide(run[0], JSON.parse(JSON.stringify(before)) as Memory, observation)).toEqual(result);
        });
      }),
    );
  });

  test('deciding on the result again holds, once no step limits it', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const [policy, ...rest] = run;
        const unlimited = { ...policy, maxStepUp: undefined, maxStepDown: undefined };
        play([unlimited, ...rest], (_before, observation, { decision, memory }) => {
          const again = decide(unlimited, memory, { ...observation, quantity: decision.to });
          expect(again.decision.to).toBe(decision.to);
        });
      }),
    );
  });

  test('more waiting never means fewer dynos', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 1000 }), (run, more) => {
        play(run, (before, observation, { decision }) => {
          const [first, ...others] = observation.queues;
          if (!first) return;
          const grown = { ...first, waiting: first.waiting + more, added: first.added + more };
          const after = decide(run[0], before, { ...observation, queues: [grown, ...others] });
          expect(after.decision.to).toBeGreaterThanOrEqual(decision.to);
        });
      }),
    );
  });

  test('never goes below the highest busy dyno', () => {
    fc.assert(
      fc.property(runs, (run) => {
        play(run, (_before, { quantity, busyOrdinal = 0 }, { decision }) => {
          expect(decision.to).toBeGreaterThanOrEqual(Math.min(quantity, busyOrdinal));
        });
      }),
    );
  });

  test('what is remembered stays small, at ten thousand queues and after many ticks', () => {
    let memory = initialMemory(waitRule, 1, 0);
    for (let tick = 1; tick <= 50; tick += 1) {
      const many = Array.from({ length: 10_000 }, (_, index) =>
        queue({ name: `q${index}`, waiting: 1, added: tick }),
      );
      ({ memory } = decide(waitRule, memory, { at: tick * 10_000, quantity: 1, queues: many }));
    }
    expect(JSON.stringify(memory).length).toBeLessThan(100_000);
    expect(memory.queues).toHaveLength(64);
  });
});
