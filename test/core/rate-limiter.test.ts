import { describe, expect, test } from 'vitest';

import { passageThrough, observeLimiter, type LimiterBelief } from '../../src/core/rate-limiter.ts';
import { decide, initialMemory, type Policy, type QueueObservation } from '../../src/index.ts';
import { queue } from '../support/ports.ts';

const TICK_MS = 10_000;
const HORIZON_MS = 40_000;
const BELIEVED_MS = 240_000;
const POLICY: Policy = {
  sizing: { kind: 'backlog', jobsPerWorker: 100 },
  min: 0,
  max: 100,
  concurrency: 2,
  bootMs: 30_000,
  tickMs: TICK_MS,
  scaleDownDelayMs: 0,
};

type Seen = Partial<QueueObservation>;
const closedAt = (begun: number, leftMs: number): Seen => ({
  rateLimitedMs: leftMs,
  limiter: { begun, leftMs },
});
const openAt = (begun: number, leftMs: number): Seen => ({ active: 1, limiter: { begun, leftMs } });
const nothing: Seen = {};
const times = (count: number, seen: Seen): Seen[] => Array.from({ length: count }, () => seen);

/** What is believed after readings 10 s apart. */
function after(
  readings: readonly Seen[],
  from?: LimiterBelief,
): { limit: LimiterBelief | undefined; at: number } {
  let limit = from;
  let at = 0;
  for (const seen of readings) {
    at += TICK_MS;
    const read = queue({ waiting: 100, ...seen });
    limit = observeLimiter(limit, read, read.active, { at, sinceMs: TICK_MS, horizonMs: HORIZON_MS });
  }
  return { limit, at };
}

describe('a rate limiter', () => {
  const rows: { name: string; readings: readonly Seen[]; max?: number | undefined; believed: boolean }[] = [
    { name: 'that never closed is not believed', readings: [openAt(3, 500)], believed: false },
    {
      name: 'that closed lets through what had begun',
      readings: [closedAt(10, 500)],
      max: 10,
      believed: true,
    },
    {
      name: 'stays believed while it is found open',
      readings: [closedAt(10, 500), ...times(60, openAt(4, 600))],
      max: 10,
      believed: true,
    },
    {
      name: 'is not what it was taken for when more begin',
      readings: [closedAt(10, 500), openAt(11, 600)],
      believed: false,
    },
    {
      name: 'that was lowered is seen when it closes',
      readings: [closedAt(10, 500), closedAt(5, 500)],
      max: 5,
      believed: true,
    },
    {
      name: 'that does not show is believed for some minutes',
      readings: [closedAt(10, 500), ...times(23, nothing)],
      max: 10,
      believed: true,
    },
    {
      name: 'that does not show for longer is gone',
      readings: [closedAt(10, 500), ...times(24, nothing)],
      believed: false,
    },
    { name: 'that is closed manually has no number', readings: [{ rateLimitedMs: 500 }], believed: true },
    {
      name: 'of the queue is known by its own numbers',
      readings: [{ limiter: { begun: 0, leftMs: 0, max: 7, durationMs: 1000 } }],
      max: 7,
      believed: true,
    },
  ];
  test.each(rows)('$name', ({ readings, max, believed }) => {
    const { limit, at } = after(readings);
    expect(limit !== undefined).toBe(believed);
    expect(limit?.max).toBe(max);
    expect(limit?.until ?? 0).toBeLessThanOrEqual(at + BELIEVED_MS);
  });

  test('its window is as long as was ever left of it', () => {
    const { limit } = after([closedAt(10, 200), closedAt(10, 900), closedAt(10, 400)]);
    expect(limit?.durationMs).toBeGreaterThan(800);
    expect(limit?.durationMs).toBeLessThanOrEqual(900);
  });

  test('one that is said to hold for ever is believed no longer than any', () => {
    const planted: LimiterBelief = { max: 1, durationMs: 1000, slots: 0, until: 8e15 };
    const limit = after([nothing], planted).limit;
    expect(limit?.until).toBe(TICK_MS + BELIEVED_MS);
    expect(after(times(40, nothing), planted).limit).toBeUndefined();
  });
});

describe('what it lets through', () => {
  const perSecond: LimiterBelief = { max: 10, durationMs: 1000, slots: 1, until: 1e9 };
  const perHour: LimiterBelief = { max: 1000, durationMs: 3_600_000, slots: 1, until: 1e9 };
  const rows: {
    name: string;
    limit: LimiterBelief;
    seen: Seen;
    serviceMs?: number;
    jobs: number;
    slots: number;
  }[] = [
    {
      name: 'short windows: its rate',
      limit: perSecond,
      seen: closedAt(10, 0.5),
      serviceMs: 2000,
      jobs: 400,
      slots: 25,
    },
    {
      name: 'short jobs: one dyno',
      limit: perSecond,
      seen: closedAt(10, 0.5),
      serviceMs: 5,
      jobs: 400,
      slots: 2,
    },
    {
      name: 'long jobs: no more than begin',
      limit: perSecond,
      seen: { ...closedAt(10, 0.5), active: 30 },
      serviceMs: 600_000,
      jobs: 400,
      slots: 430,
    },
    {
      name: 'a long window that is open: what is left of it',
      limit: perHour,
      seen: openAt(400, 1_800_000),
      serviceMs: 2000,
      jobs: 600,
      slots: 37.5,
    },
    {
      name: 'a long window that is closed: one dyno, for when it opens',
      limit: perHour,
      seen: closedAt(1000, 1_800_000),
      serviceMs: 2000,
      jobs: 0,
      slots: 2,
    },
    {
      name: 'a long window that opens within a boot: all of it',
      limit: perHour,
      seen: closedAt(1000, 30_000),
      serviceMs: 2000,
      jobs: 1000,
      slots: 62.5,
    },
    {
      name: 'no window yet: all of one',
      limit: perHour,
      seen: nothing,
      serviceMs: 2000,
      jobs: 1000,
      slots: 62.5,
    },
    { name: 'a service time that is not known', limit: perHour, seen: nothing, jobs: 1000, slots: 1000 },
    {
      name: 'closed manually, found open: half as many slots more',
      limit: { slots: 8, until: 1e9 },
      seen: nothing,
      jobs: Infinity,
      slots: 12,
    },
    {
      name: 'closed manually, found closed: the slots in use',
      limit: { slots: 8, until: 1e9 },
      seen: { rateLimitedMs: 500 },
      jobs: Infinity,
      slots: 8,
    },
  ];
  test.each(rows)('$name', ({ limit, seen, serviceMs, jobs, slots }) => {
    expect(passageThrough(POLICY, limit, queue(seen), serviceMs)).toEqual({ jobs, slots });
  });
});

test.each([
  { name: 'the wait rule', sizing: { kind: 'wait', maxWaitMs: 60_000 } as const },
  { name: 'the backlog rule', sizing: { kind: 'backlog', jobsPerWorker: 100 } as const },
])(
  '$name says which queues more dynos cannot help, and helps them again when the limit is gone',
  ({ sizing }) => {
    const policy: Policy = {
      sizing,
      min: 0,
      max: 50,
      concurrency: 1,
      bootMs: 30_000,
      tickMs: TICK_MS,
      scaleDownDelayMs: 60_000,
    };
    let memory = initialMemory(policy, 1, 0);
    let at = 0;
    const tick = (seen: Seen): ReturnType<typeof decide>['decision'] => {
      at += TICK_MS;
      const queues = [queue({ waiting: 5000, added: 5000 + at / 100, active: 1, ...seen })];
      const result = decide(policy, memory, { at, quantity: 1, queues });
      ({ memory } = result);
      return result.decision;
    };
    for (let count = 0; count < 30; count += 1) tick({ ...closedAt(10, 900), active: count % 2 });
    const limited = tick(openAt(5, 500));
    expect(limited.to).toBeLessThanOrEqual(2);
    expect(limited.steps.find(({ stage }) => stage === 'sizing')?.note).toContain(
      'more workers cannot help mail',
    );
    const helped = Array.from({ length: 24 }, () => tick(nothing).to);
    expect(helped.at(-1)).toBeGreaterThan(40);
    // Raised, it shows at once.
    for (let count = 0; count < 30; count += 1) tick({ ...closedAt(10, 900), active: count % 2 });
    expect(tick(openAt(11, 500)).to).toBeGreaterThan(20);
  },
);
