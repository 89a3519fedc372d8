import { DEATHS_ALLOWED, LOCK_OUTLIVES_MS, RERUN_MS } from './timings.ts';
import type { Random } from './random.ts';

type KilledJob = { readonly workerNumber: number; readonly lockedUntil: number };

/** Jobs in the active list whose worker was killed, until the stalled check of a live worker recovers them. */
export class KilledJobs {
  private readonly byJob = new Map<number, KilledJob>();
  private readonly deaths: Uint8Array;
  private readonly random: Random;

  constructor(jobs: number, random: Random) {
    this.deaths = new Uint8Array(jobs);
    this.random = random;
  }

  /** Returns when the stalled check of a live worker finds the job. */
  add(job: number, workerNumber: number, at: number): number {
    this.byJob.set(job, { workerNumber, lockedUntil: at + this.between(LOCK_OUTLIVES_MS) });
    return at + this.between(RERUN_MS);
  }

  /** Ends a job's time without a worker. True: the job has been killed too often and fails for good. */
  recover(job: number): boolean {
    this.byJob.delete(job);
    const deaths = (this.deaths[job] ?? 0) + 1;
    this.deaths[job] = deaths;
    return deaths > DEATHS_ALLOWED;
  }

  /** Jobs that a reading shows as orphaned: their lock has expired. */
  *orphaned(at: number): Iterable<number> {
    for (const [job, { lockedUntil }] of this.byJob) if (lockedUntil <= at) yield job;
  }

  /** Worker numbers of jobs that still look as if they ran, one for each job: their lock outlives their worker. */
  *locked(at: number): Iterable<number> {
    for (const { workerNumber, lockedUntil } of this.byJob.values()) if (lockedUntil > at) yield workerNumber;
  }

  private between([low, high]: readonly [number, number]): number {
    return low + (high - low) * this.random();
  }
}
