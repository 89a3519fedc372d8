import type { JobTable } from './workload.ts';
import type { Simulation } from './simulation.ts';

/** What a policy cost and what the jobs had of it. */
export type Figures = {
  /** Dyno-hours paid for, boot and drain included. */
  readonly dynoHours: number;
  readonly jobs: number;
  /** From the moment a job could have been taken to its first start, s. */
  readonly wait: {
    readonly mean: number;
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
  };
  /** Share of jobs that waited longer than was allowed, 0 to 1. */
  readonly late: number;
  /** Attempts that died with their dyno, those made again for it, and jobs that failed for good by it. */
  readonly kills: number;
  readonly redone: number;
  readonly lost: number;
  /** Times the quantity was changed. */
  readonly changes: number;
  /** Most dynos paid for at once. */
  readonly peak: number;
};

/** A job that has not started counts with the time it has waited so far. */
export function measure(world: Simulation, jobs: JobTable, maxWaitMs: number): Figures {
  const waits = new Float64Array(jobs.size);
  let sum = 0;
  let late = 0;
  for (let job = 0; job < jobs.size; job += 1) {
    const started = world.startedAt[job] ?? Number.NaN;
    const ready = (jobs.at[job] ?? 0) + (jobs.delay[job] ?? 0);
    const wait = Math.max(0, (Number.isNaN(started) ? world.at : started) - ready);
    waits[job] = wait;
    sum += wait;
    if (wait > maxWaitMs) late += 1;
  }
  waits.sort();
  const { kills, redone, lost, changes, peak } = world.tally;
  return {
    dynoHours: world.workers.billedMs(world.at) / 3_600_000,
    jobs: jobs.size,
    wait: {
      mean: jobs.size === 0 ? 0 : sum / jobs.size / 1000,
      p50: quantile(waits, 0.5),
      p95: quantile(waits, 0.95),
      p99: quantile(waits, 0.99),
      max: quantile(waits, 1),
    },
    late: jobs.size === 0 ? 0 : late / jobs.size,
    kills,
    redone,
    lost,
    changes,
    peak,
  };
}

/** The smallest value that at least this share does not exceed (nearest rank), ms in and s out. */
function quantile(sorted: Float64Array, share: number): number {
  return (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) / 1000;
}
