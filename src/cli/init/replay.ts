import type { CompletedJobs } from '../../adapters/bullmq/completed-jobs.ts';
import type { ProcessTypeSettings } from '../../config/settings.ts';
import { bootsAround, droverController, simulate } from '../../sim/index.ts';
import { assumed } from '../assumed.ts';

/** Fewer jobs have no percentile worth a line. */
const FEWEST_JOBS = 20;
const TICK_MS = 10_000;
const SEED = 1;

/** The completed jobs once more, under Drover. Waits are seconds. */
export type Replay = {
  readonly jobs: number;
  readonly spanMs: number;
  /** As it was; absent where all jobs had been retried. */
  readonly p95BeforeS: number | undefined;
  readonly p95S: number;
  readonly dynoHours: number;
  readonly peak: number;
};

/**
 * Simulates the settings on jobs that Redis still has: their times of arrival and their running times are known, those of
 * jobs that were removed are not. Undefined for too few jobs.
 */
export async function replay(
  { jobs, spanMs }: CompletedJobs,
  settings: ProcessTypeSettings,
  concurrency: number,
): Promise<Replay | undefined> {
  if (jobs.length < FEWEST_JOBS) return undefined;
  const begin = jobs.reduce(
    (first, { readyAt, endedAt }) => Math.min(first, Math.max(readyAt, endedAt - spanMs)),
    Infinity,
  );
  const workload = {
    name: 'completed jobs',
    jobs: jobs.map(({ queue, readyAt, startedAt, endedAt }) => ({
      queue,
      atMs: Math.max(0, readyAt - begin),
      serviceMs: endedAt - startedAt,
    })),
    lengthMs: spanMs,
    concurrency,
  };
  const controller = droverController({
    name: 'Drover',
    settings: { ...settings, concurrency },
    tickMs: TICK_MS,
    workers: 'named',
  });
  const { bootMs, maxWaitMs } = assumed(settings);
  const { figures } = await simulate(workload, controller, {
    platform: { boots: bootsAround(bootMs), seed: SEED },
    maxWaitMs,
  });
  const waits = jobs
    .filter(({ retried }) => !retried)
    .map(({ readyAt, startedAt }) => (startedAt - readyAt) / 1000)
    .toSorted((a, b) => a - b);
  return {
    jobs: jobs.length,
    spanMs,
    p95BeforeS: waits[Math.max(0, Math.ceil(0.95 * waits.length) - 1)],
    p95S: figures.wait.p95,
    dynoHours: figures.dynoHours,
    peak: figures.peak,
  };
}
