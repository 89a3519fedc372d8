import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { bootMsAt, learnFromJobs, observeQuantity, type ScalingState } from '../../src/core/scaling-state.ts';
import type { QueueObservation } from '../../src/core/types.ts';
import { cedar, queue } from '../support/ports.ts';

const AT = 10_000_000;
const HOLD = 600_000;
const waiting = queue({ waiting: 50 });

/** One reading: when (s after the scale-up), the numbers of the workers that hold a job, and what else differs. */
type Reading = {
  readonly s: number;
  readonly busy: readonly number[];
  readonly queues?: readonly QueueObservation[];
  readonly complete?: boolean;
};

const named = (busy: readonly number[]): Map<string | null, number> =>
  new Map(busy.map((number) => [`worker.${number}`, 1]));

/** The state after a scale-up from 3 to 6 workers and some readings, the first of which led to it. */
function after([first, ...rest]: readonly Reading[], quantity = 6): ScalingState {
  const read = (
    state: ScalingState,
    { s, busy, queues = [waiting], complete = true }: Reading,
  ): ScalingState =>
    learnFromJobs(
      state,
      { holders: named(busy), holdersComplete: complete, queues },
      cedar('worker'),
      AT + s * 1000,
    );
  const before = first === undefined ? {} : read({ quantity: 3 }, first);
  return rest.reduce(
    (state, reading) => read(observeQuantity(state, quantity, AT + reading.s * 1000, HOLD), reading),
    { ...before, quantity, raised: { above: 3, at: AT } } as ScalingState,
  );
}

describe('boots by the names on jobs', () => {
  const old = [1, 2, 3];
  const rows: { name: string; readings: readonly Reading[]; boots: readonly number[] | undefined }[] = [
    {
      name: 'the first job of each new worker ends its boot, in the middle between two readings',
      readings: [
        { s: 0, busy: old },
        { s: 10, busy: old },
        { s: 20, busy: old },
        { s: 30, busy: [...old, 5] },
        { s: 40, busy: [...old, 4, 5, 6] },
      ],
      boots: [25_000, 35_000, 35_000],
    },
    {
      name: 'a boot within the first tick counts from the scale-up',
      readings: [
        { s: -4, busy: old },
        { s: 6, busy: [...old, 4] },
      ],
      boots: [3000],
    },
    {
      name: 'a worker that is still stopping with a job at the scale-up shows nothing, then or later',
      readings: [
        { s: 0, busy: [...old, 5] },
        { s: 10, busy: [...old, 5] },
        { s: 20, busy: old },
        { s: 30, busy: [...old, 4, 5] },
      ],
      boots: [25_000],
    },
    {
      name: 'without waiting jobs at the reading, a worker may have been up for long',
      readings: [
        { s: 0, busy: old },
        { s: 10, busy: old },
        { s: 20, busy: [...old, 4], queues: [queue()] },
        { s: 30, busy: [...old, 4] },
      ],
      boots: undefined,
    },
    {
      name: 'without waiting jobs at the reading before, too',
      readings: [
        { s: 0, busy: old },
        { s: 10, busy: old, queues: [queue()] },
        { s: 20, busy: [...old, 4] },
        { s: 30, busy: [...old, 4] },
      ],
      boots: undefined,
    },
    {
      name: 'jobs that a limit keeps do not wait for workers',
      readings: [
        {
          s: 0,
          busy: old,
          queues: [
            queue({ waiting: 9, concurrencyLimit: 3 }),
            queue({ waiting: 9, rateLimitedMs: 500 }),
            queue({ waiting: 9, limiter: { begun: 3, leftMs: 500 } }),
            queue({ waiting: 9, paused: true }),
          ],
        },
        { s: 10, busy: [...old, 4] },
        { s: 20, busy: [...old, 4] },
      ],
      boots: undefined,
    },
    {
      name: 'where not all holders were read, a worker may have held a job',
      readings: [
        { s: 0, busy: old },
        { s: 10, busy: old, complete: false },
        { s: 20, busy: [...old, 4] },
        { s: 30, busy: [...old, 4, 6] },
      ],
      boots: [25_000],
    },
    {
      name: 'readings far apart show too little',
      readings: [
        { s: 0, busy: old },
        { s: 21, busy: [...old, 4] },
      ],
      boots: undefined,
    },
    {
      name: 'after the clock was set back, nothing is learned',
      readings: [
        { s: 30, busy: old },
        { s: 20, busy: [...old, 4] },
      ],
      boots: undefined,
    },
    {
      name: 'a deploy after all have booted shows nothing',
      readings: [
        { s: 0, busy: old },
        { s: 10, busy: [4, 5, 6] },
        { s: 20, busy: [] },
        { s: 30, busy: [] },
        { s: 40, busy: [1, 2, 3, 4, 5, 6] },
      ],
      boots: [5000, 5000, 5000],
    },
    {
      name: 'one that lasts twice as long as half of them is a restart of a deploy',
      readings: [
        { s: 0, busy: old },
        { s: 10, busy: [...old, 4, 5] },
        { s: 20, busy: [] },
        { s: 30, busy: [...old, 4, 5, 6] },
      ],
      boots: [5000, 5000],
    },
    {
      name: 'workers of another type or without a name are none of them',
      readings: [
        { s: 0, busy: [] },
        { s: 10, busy: [1] },
      ],
      boots: undefined,
    },
  ];
  test.each(rows)('$name', ({ readings, boots }) => {
    expect(after(readings).boots?.value).toEqual(boots);
  });

  test('are planned with as reported ones are', () => {
    const state = after([
      { s: 0, busy: [] },
      { s: 10, busy: [4] },
      { s: 20, busy: [4, 5, 6] },
    ]);
    expect(bootMsAt(state, AT + 20_000)).toBe(15_000);
    expect(state.raised).toBeUndefined();
  });

  test('are of numbered workers alone', () => {
    const naming = { kind: 'listed', workers: [] } as const;
    const seen = { holders: named([4]), holdersComplete: true, queues: [waiting] };
    const raised = { quantity: 6, raised: { above: 3, at: AT } };
    const once = learnFromJobs(raised, { ...seen, holders: new Map() }, naming, AT);
    expect(learnFromJobs(once, seen, naming, AT + 10_000).boots).toBeUndefined();
  });

  test('are wrong by half of the time between two readings at most, and what is remembered is bounded', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 100 }),
        fc.integer({ min: 1000, max: 20_000 }),
        fc.integer({ min: 0, max: 1000 }),
        (bootsMs, tickMs, above) => {
          const quantity = above + bootsMs.length;
          const busyAt = (ms: number): number[] =>
            bootsMs.flatMap((bootMs, index) => (bootMs <= ms ? [above + index + 1] : []));
          const read = (state: ScalingState, ms: number): ScalingState => {
            const seen = { holders: named(busyAt(ms)), holdersComplete: true, queues: [waiting] };
            return learnFromJobs(state, seen, cedar('worker'), AT + ms);
          };
          let state: ScalingState = {
            ...read({ quantity: above }, 0),
            quantity,
            raised: { above, at: AT },
          };
          for (let ms = tickMs; ms < 60_000 + tickMs; ms += tickMs) {
            state = read(state, ms);
            expect(state.holders?.holding.length).toBeLessThanOrEqual(128);
            expect(state.raised?.counted?.length ?? 0).toBeLessThanOrEqual(64);
          }
          const learned = state.boots?.value ?? [];
          expect(learned.length).toBeGreaterThan(0);
          expect(learned.length).toBeLessThanOrEqual(Math.min(64, bootsMs.length));
          const real = bootsMs.slice(0, 64).toSorted((a, b) => a - b);
          // The slowest may be taken for restarts; the others are in the order of their boots.
          for (const [index, ms] of learned.entries())
            expect(Math.abs(ms - (real[index] ?? NaN))).toBeLessThanOrEqual(tickMs / 2);
        },
      ),
      { numRuns: 40 },
    );
  });
});
