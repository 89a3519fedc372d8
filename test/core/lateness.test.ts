import { expect, test } from 'vitest';

import { demandOf } from '../../src/core/demand.ts';
import { startsBetween } from '../../src/core/lateness.ts';
import { learn, type Learned } from '../../src/core/learn.ts';
import { exponential, randomFrom } from '../../src/sim/random.ts';

const TICK_MS = 10_000;
const WAIT_MS = 60_000;
const LENGTH_MS = 1_200_000;

/** A job whose id counts, and which never becomes ready: a deduplicated add. */
type Job = { readonly readyAt: number; readonly serviceMs: number; readonly removedAt?: number | undefined };
type Traffic = {
  readonly jobs: readonly Job[];
  readonly slotsFrom: readonly number[];
  readonly ghosts?: number;
};
type Run = Job & { readonly startedAt: number };

const random = randomFrom(1);

/** Jobs at this rate a second. */
function poisson(rate: number, serviceMs: number): Job[] {
  const jobs: Job[] = [];
  for (let at = exponential(random, 1000 / rate); at < LENGTH_MS; at += exponential(random, 1000 / rate))
    jobs.push({ readyAt: at, serviceMs: exponential(random, serviceMs) });
  return jobs;
}

function burst(size: number, at: number, serviceMs: number): Job[] {
  return Array.from({ length: size }, () => ({
    readyAt: at + random() * 5000,
    serviceMs: exponential(random, serviceMs),
  }));
}

/** When each job starts: in order of arrival, on the slot that is free first. One removed before that never does. */
function runsOf({ jobs, slotsFrom }: Traffic): Run[] {
  const freeAt = [...slotsFrom];
  return jobs
    .toSorted((a, b) => a.readyAt - b.readyAt)
    .map((job) => {
      const slot = freeAt.indexOf(Math.min(...freeAt));
      const startedAt = Math.max(job.readyAt, freeAt[slot] ?? 0);
      if (startedAt >= (job.removedAt ?? Infinity)) return { ...job, startedAt: Infinity };
      freeAt[slot] = startedAt + job.serviceMs;
      return { ...job, startedAt };
    });
}

function count(runs: readonly Run[], isCounted: (run: Run) => boolean): number {
  return runs.reduce((jobs, run) => jobs + (isCounted(run) ? 1 : 0), 0);
}

/** The late share as it was, and as the counters show it. `ghosts`: adds to a job that add nothing but a number. */
function sharesOf(
  runs: readonly Run[],
  readsOldest: boolean,
  ghosts = 0,
): { readonly real: (waitMs: number) => number; readonly seen: number } {
  const seen = { started: 0, late: 0 };
  let before: Learned | undefined;
  for (let at = 0; at <= LENGTH_MS; at += TICK_MS) {
    const waits = runs.filter(
      (run) => run.readyAt <= at && run.startedAt > at && at < (run.removedAt ?? Infinity),
    );
    const active = count(runs, ({ startedAt, serviceMs }) => startedAt <= at && startedAt + serviceMs > at);
    const arrived = count(runs, ({ readyAt }) => readyAt <= at);
    const oldest = Math.min(...waits.map(({ readyAt }) => readyAt));
    const queue = {
      name: 'mail',
      waiting: waits.length,
      prioritized: 0,
      due: 0,
      dueSoon: 0,
      active,
      added: arrived + Math.floor(arrived * ghosts),
      paused: false,
      ...(readsOldest && waits.length > 0 ? { oldestReadyAt: oldest } : {}),
      // Seen while jobs wait behind running ones; without it, nothing distinguishes adds that are no jobs.
      ...(waits.length > 0 && active > 0 ? { lastRun: lastRunBy(runs, at) } : {}),
    };
    const now = learn(before, { queue, demand: demandOf(queue) }, at, 0);
    if (before !== undefined) {
      const { started, late } = startsBetween(before, now, WAIT_MS);
      seen.started += started;
      seen.late += late;
    }
    before = now;
  }
  const started = runs.filter(({ startedAt }) => startedAt <= LENGTH_MS);
  const real = (waitMs: number): number =>
    count(started, ({ startedAt, readyAt }) => startedAt - readyAt > waitMs) / started.length;
  return { real, seen: seen.late / seen.started };
}

function lastRunBy(runs: readonly Run[], at: number): { endedAt: number; tookMs: number } | undefined {
  let last: Run | undefined;
  for (const run of runs) {
    const endedAt = run.startedAt + run.serviceMs;
    if (endedAt <= at && endedAt > (last === undefined ? 0 : last.startedAt + last.serviceMs)) last = run;
  }
  return last && { endedAt: last.startedAt + last.serviceMs, tookMs: last.serviceMs };
}

const few = Array.from({ length: 10 }, () => 0);
const FLOOD = [...poisson(0.5, 3000), ...burst(500, 400_000, 3000)];
const STEADY = poisson(0.5, 3000);

/**
 * `least` and `most`: the share of late jobs that the traffic must have for the row to mean something. What is seen lies
 * between the shares for a wait a tick longer and shorter, or so far outside.
 */
const rows: { name: string; traffic: Traffic; least: number; most: number; error: number }[] = [
  { name: 'steady', traffic: { jobs: STEADY, slotsFrom: few }, least: 0, most: 0, error: 0 },
  {
    name: 'bursts that 25 slots work off in half as long again',
    traffic: {
      jobs: [1, 2, 3].flatMap((n) => burst(900, n * 300_000, 2500)),
      slotsFrom: Array.from({ length: 25 }, () => 0),
    },
    least: 0.2,
    most: 0.5,
    error: 0.01,
  },
  { name: 'a flood', traffic: { jobs: FLOOD, slotsFrom: few }, least: 0.3, most: 0.6, error: 0.01 },
  {
    name: 'workers that come up after 85 s',
    traffic: { jobs: STEADY, slotsFrom: few.map((_, slot) => 85_000 + slot * 1000) },
    least: 0.001,
    most: 0.1,
    error: 0.01,
  },
  {
    name: 'a few jobs',
    traffic: {
      jobs: Array.from({ length: 10 }, (_, n) => ({ readyAt: 1000 + n * 117_000, serviceMs: 170_000 })),
      slotsFrom: [0],
    },
    least: 0.5,
    most: 1,
    error: 0.05,
  },
  {
    name: 'jobs removed while they wait, which count as started then',
    traffic: {
      jobs: FLOOD.map((job) => (random() < 0.1 ? { ...job, removedAt: job.readyAt + 30_000 } : job)),
      slotsFrom: few,
    },
    least: 0.2,
    most: 0.6,
    error: 0.1,
  },
  {
    name: 'three deduplicated adds to a job, which look like three more in time',
    traffic: { jobs: FLOOD, slotsFrom: few, ghosts: 3 },
    least: 0.3,
    most: 0.6,
    error: 0.3,
  },
];

test.each(rows)('the late share is seen: $name', ({ traffic, least, most, error }) => {
  const runs = runsOf(traffic);
  for (const readsOldest of [true, false]) {
    const { real, seen } = sharesOf(runs, readsOldest, traffic.ghosts);
    expect(real(WAIT_MS)).toBeGreaterThanOrEqual(least);
    expect(real(WAIT_MS)).toBeLessThanOrEqual(most);
    expect(seen).toBeGreaterThanOrEqual(real(WAIT_MS + TICK_MS) - error);
    expect(seen).toBeLessThanOrEqual(real(WAIT_MS - TICK_MS) + error);
  }
});

test('a single job is late when it has waited longer, to the tick', () => {
  const share = (startsAt: number): number =>
    sharesOf([{ readyAt: 12_345, serviceMs: 1000, startedAt: startsAt }], true).seen;
  expect(share(12_345 + WAIT_MS - TICK_MS)).toBe(0);
  expect(share(12_345 + WAIT_MS + TICK_MS)).toBe(1);
});
