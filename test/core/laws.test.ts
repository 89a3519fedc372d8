import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decide, initialMemory, type Memory, type Observation, type Policy } from '../../src/index.ts';
import { waitRule } from '../support/decisions.ts';
import { queue } from '../support/ports.ts';

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
