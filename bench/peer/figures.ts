import { sumOf } from '../../src/core/sum.ts';

/** A job that ended, times in epoch ms. */
export type EndedJob = {
  readonly addedAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failed: boolean;
  /** Starts: more than one if its dyno was lost. */
  readonly starts: number;
  readonly burst: number | undefined;
};

export type JobFigures = {
  readonly p50WaitMs: number;
  readonly p95WaitMs: number;
  readonly maxWaitMs: number;
  /** From 0 to 1: the share of jobs that waited longer than allowed. */
  readonly lateShare: number;
  /** Of each burst, from the first job added to the last one done. */
  readonly burstMs: readonly number[];
  readonly startedTwice: number;
  readonly failed: number;
  readonly jobs: number;
};

/** The wait is from when a job was added to its (last) start; percentiles are by nearest rank. Needs at least one job. */
export function jobFigures(jobs: readonly EndedJob[], allowedWaitMs: number): JobFigures {
  const waitsMs = jobs.map(({ addedAt, startedAt }) => startedAt - addedAt).toSorted((a, b) => a - b);
  const rank = (share: number): number => waitsMs[Math.max(0, Math.ceil(share * waitsMs.length) - 1)] ?? NaN;
  const bursts = [...new Set(jobs.flatMap(({ burst }) => burst ?? []))].toSorted((a, b) => a - b);
  return {
    p50WaitMs: rank(0.5),
    p95WaitMs: rank(0.95),
    maxWaitMs: rank(1),
    lateShare: waitsMs.filter((ms) => ms > allowedWaitMs).length / waitsMs.length,
    burstMs: bursts.map((burst) => {
      const own = jobs.filter((job) => job.burst === burst);
      return Math.max(...own.map(({ endedAt }) => endedAt)) - Math.min(...own.map(({ addedAt }) => addedAt));
    }),
    startedTwice: sumOf(jobs, ({ starts }) => (starts > 1 ? 1 : 0)),
    failed: sumOf(jobs, ({ failed }) => (failed ? 1 : 0)),
    jobs: jobs.length,
  };
}
