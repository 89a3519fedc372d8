import type { JobTable } from './workload.ts';
import type { Simulation } from './simulation.ts';

/** What a policy cost, and how long the jobs waited. */
export type Figures = {
  /** Billed dyno-hours, boot and drain included. */
  readonly dynoHours: number;
  readonly jobs: number;
  /** From the moment a job became takeable to its first start, s. */
  readonly wait: {
    readonly mean: number;
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
  };
  /** Share of jobs that waited longer than allowed, 0 to 1. */
  readonly late: number;
  /** Attempts that died with their worker, attempts repeated after that, and jobs that failed for good by it. */
  readonly kills: number;
  readonly redone: number;
  readonly lost: number;
  /** How often the quantity changed. */
  readonly changes: number;
  /** Most workers billed at once. */
  readonly peak: number;
};

/** A job that has not started counts with the time it has waited until the end. */
export function measure(simulation: Simulation, jobs: JobTable, maxWaitMs: number): Figures {
  const waits = new Float64Array(jobs.size);
  let sum = 0;
  let late = 0;
  for (let job = 0; job < jobs.size; job += 1) {
    const started = simulation.startedAt[job] ?? Number.NaN;
    const ready = (jobs.at[job] ?? 0) + (jobs.delay[job] ?? 0);
    const wait = Math.max(0, (Number.isNaN(started) ? simulation.at : started) - ready);
    waits[job] = wait;
    sum += wait;
    if (wait > maxWaitMs) late += 1;
  }
  waits.sort();
  const { kills, redone, lost, changes, peak } = simulation.tally;
  return {
    dynoHours: simulation.workers.billedMs(simulation.at) / 3_600_000,
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

/** The quantile by nearest rank; ms in, s out. */
function quantile(sorted: Float64Array, share: number): number {
  return (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) / 1000;
}
