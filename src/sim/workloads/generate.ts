import { exponential, lognormal, randomFrom, type Random } from '../random.ts';
import type { Job, Workload } from '../workload.ts';
import { arrivals } from './arrivals.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Job durations are skewed: most short, some several times as long. */
const SPREAD = 1;

type Generator = {
  readonly concurrency: number;
  readonly jobs: (random: Random, lengthMs: number) => Job[];
};

/** Two jobs a second, 10 s each, all day. */
const steady: Generator = {
  concurrency: 5,
  jobs: (random, lengthMs) =>
    Array.from(arrivals(random, lengthMs, 2), (atMs) => ({
      atMs,
      serviceMs: lognormal(random, 10_000, SPREAD),
    })),
};

/** From a job in 10 s at night to two a second at noon, 8 s each. */
const daily: Generator = {
  concurrency: 2,
  jobs: (random, lengthMs) =>
    Array.from(
      arrivals(random, lengthMs, 2, (atMs) => 1.05 - 0.95 * Math.cos((2 * Math.PI * atMs) / DAY_MS)),
      (atMs) => ({ atMs, serviceMs: lognormal(random, 8000, SPREAD) }),
    ),
};

/** Two jobs a second, and about each half hour 200 to 4,000 at once, 3 s each. */
const bursts: Generator = {
  concurrency: 5,
  jobs: (random, lengthMs) => {
    const jobs: Job[] = Array.from(arrivals(random, lengthMs, 2), (atMs) => ({
      atMs,
      serviceMs: lognormal(random, 3000, SPREAD),
    }));
    for (const start of arrivals(random, lengthMs, 1 / 1800)) {
      const size = Math.round(200 * 20 ** random());
      for (let count = 0; count < size; count += 1) {
        jobs.push({ atMs: start + random() * 5000, serviceMs: lognormal(random, 3000, SPREAD) });
      }
    }
    return jobs;
  },
};

/** Jobs a second: ten minutes up, a plateau of half an hour, and slowly down, three times a day. */
function flashRate(atMs: number): number {
  const minutes = (atMs % (8 * HOUR_MS)) / MINUTE_MS - 120;
  if (minutes < 0) return 0.5;
  if (minutes < 10) return 0.5 + (19.5 * minutes) / 10;
  if (minutes < 40) return 20;
  return 0.5 + 19.5 * Math.exp(-(minutes - 40) / 20);
}

/** A job in 2 s, then within 10 min forty times as many, and slowly back, 4 s each. */
const flash: Generator = {
  concurrency: 5,
  jobs: (random, lengthMs) =>
    Array.from(arrivals(random, lengthMs, 20, flashRate), (atMs) => ({
      atMs,
      serviceMs: lognormal(random, 4000, SPREAD),
    })),
};

/** Every 3 h 10,000 mails that were scheduled an hour before, 2 s each, and two jobs a second. */
const newsletter: Generator = {
  concurrency: 10,
  jobs: (random, lengthMs) => {
    const jobs: Job[] = Array.from(arrivals(random, lengthMs, 2), (atMs) => ({
      atMs,
      serviceMs: lognormal(random, 2000, SPREAD),
    }));
    for (let due = 2 * HOUR_MS; due < lengthMs; due += 3 * HOUR_MS) {
      for (let count = 0; count < 10_000; count += 1) {
        const atMs = due - HOUR_MS + random() * 5 * MINUTE_MS;
        jobs.push({ atMs, delayMs: due - atMs, serviceMs: lognormal(random, 2000, SPREAD) });
      }
    }
    return jobs;
  },
};

/** A job in 40 s that runs 5 min on average, some half an hour. */
const long: Generator = {
  concurrency: 1,
  jobs: (random, lengthMs) =>
    Array.from(arrivals(random, lengthMs, 1 / 40), (atMs) => ({
      atMs,
      serviceMs: lognormal(random, 300_000, SPREAD),
    })),
};

/** Three queues: many short mails, few long reports, and prioritized webhooks that are retried. */
const mixed: Generator = {
  concurrency: 5,
  jobs: (random, lengthMs) => [
    ...Array.from(
      arrivals(random, lengthMs, 5, (atMs) => 2.5 + 2.5 * Math.sin((2 * Math.PI * atMs) / (6 * HOUR_MS))),
      (atMs) => ({ atMs, queue: 'mail', serviceMs: exponential(random, 2500) }),
    ),
    ...Array.from(arrivals(random, lengthMs, 1 / 20), (atMs) => ({
      atMs,
      queue: 'reports',
      serviceMs: lognormal(random, 90_000, SPREAD),
    })),
    ...Array.from(arrivals(random, lengthMs, 1), (atMs) => ({
      atMs,
      queue: 'webhooks',
      serviceMs: lognormal(random, 800, SPREAD),
      priority: random() < 0.2 ? 1 : 5,
      failures: random() < 0.05 ? 2 : 0,
    })),
  ],
};

export const GENERATORS = { steady, daily, bursts, flash, newsletter, long, mixed } as const;
export type WorkloadName = keyof typeof GENERATORS;
export const WORKLOAD_NAMES = Object.keys(GENERATORS) as WorkloadName[];

/** The same jobs for the same name, seed and length on every machine. */
export function generate(name: WorkloadName, seed: number, hours: number): Workload {
  const { concurrency, jobs } = GENERATORS[name];
  const lengthMs = hours * HOUR_MS;
  return { name, concurrency, lengthMs, jobs: jobs(randomFrom(seed), lengthMs) };
}
