import { randomFrom, type Job, type Workload } from '../../../src/sim/index.ts';

/**
 * Workloads of other families than those that `drover simulate` generates and policies were tuned on: other arrival
 * processes and other distributions of service times.
 */
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const HOURS = 12;
const LENGTH_MS = HOURS * HOUR_MS;

type Random = () => number;

const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random());
/** Weibull with shape 1/2: its coefficient of variation is √5. */
const weibullHalf = (random: Random, mean: number): number => (mean / 2) * Math.log(1 - random()) ** 2;
/** Pareto with shape 3/2 from `least`, cut off at `most`. */
const pareto = (random: Random, least: number, most: number): number =>
  Math.min(most, least * (1 - random()) ** (-1 / 1.5));

/** Poisson arrivals in two states, calm (0.2 a second, 20 min on average) and busy (8 a second, 4 min); 2 s, Weibull. */
function webhooks(random: Random): Job[] {
  const jobs: Job[] = [];
  let busy = false;
  let changesAt = exponential(random, 20 * MINUTE_MS);
  for (let atMs = 0; atMs < LENGTH_MS;) {
    const nextMs = atMs + exponential(random, busy ? 125 : 5000);
    if (nextMs >= changesAt) {
      atMs = changesAt;
      busy = !busy;
      changesAt += exponential(random, (busy ? 4 : 20) * MINUTE_MS);
    } else {
      atMs = nextMs;
      jobs.push({ atMs, serviceMs: 1 + weibullHalf(random, 2000) });
    }
  }
  return jobs;
}

/** One queue of two kinds of jobs, one in a half second: nine in ten take 1 s, the others 120 s. */
function twoKinds(random: Random): Job[] {
  const jobs: Job[] = [];
  for (let atMs = 0; atMs < LENGTH_MS; atMs += exponential(random, 2000))
    jobs.push({ atMs, serviceMs: random() < 0.9 ? 1000 : 120_000 });
  return jobs;
}

/** Batches with heavy tails in size (5 to 3,000) and in service time (2 s to 10 min), one in 3 min on average. */
function heavyTails(random: Random): Job[] {
  const jobs: Job[] = [];
  for (let atMs = 0; atMs < LENGTH_MS; atMs += exponential(random, 3 * MINUTE_MS)) {
    const size = Math.round(pareto(random, 5, 3000));
    for (let count = 0; count < size; count += 1)
      jobs.push({ atMs: atMs + random() * 2000, serviceMs: pareto(random, 2000, 600_000) });
  }
  return jobs;
}

/** A trickle of a job in 10 s, and at each full hour a batch of 300 to 3,000 that no one announced, 5 s each. */
function hourly(random: Random): Job[] {
  const jobs: Job[] = [];
  for (let atMs = 0; atMs < LENGTH_MS; atMs += exponential(random, 10_000))
    jobs.push({ atMs, serviceMs: exponential(random, 5000) });
  for (let hourMs = HOUR_MS / 2; hourMs < LENGTH_MS; hourMs += HOUR_MS) {
    const size = Math.round(300 * 10 ** random());
    for (let count = 0; count < size; count += 1)
      jobs.push({ atMs: hourMs + random() * 1000, serviceMs: exponential(random, 5000) });
  }
  return jobs;
}

/** A job in 6 min that takes 20 min on average (Erlang with two stages): a single dyno too few makes several late. */
function fewLong(random: Random): Job[] {
  const jobs: Job[] = [];
  for (let atMs = 0; atMs < LENGTH_MS; atMs += exponential(random, 6 * MINUTE_MS)) {
    const serviceMs = exponential(random, 10 * MINUTE_MS) + exponential(random, 10 * MINUTE_MS);
    jobs.push({ atMs, serviceMs });
  }
  return jobs;
}

const FAMILIES = {
  webhooks: { concurrency: 10, jobs: webhooks },
  'two kinds': { concurrency: 2, jobs: twoKinds },
  'heavy tails': { concurrency: 4, jobs: heavyTails },
  hourly: { concurrency: 5, jobs: hourly },
  'few long': { concurrency: 1, jobs: fewLong },
} as const;

export type Family = keyof typeof FAMILIES;
export const FAMILY_NAMES = Object.keys(FAMILIES) as Family[];

export function ofFamily(name: Family, seed: number): Workload {
  const { concurrency, jobs } = FAMILIES[name];
  return { name, concurrency, lengthMs: LENGTH_MS, jobs: jobs(randomFrom(seed)) };
}
