import type { Fit } from './fit.ts';

export type Advice = {
  /** What to set WORKER_CONCURRENCY to, the lesser of the next two; 0: not even one job fits. */
  readonly concurrency: number;
  readonly byMemory: number;
  readonly byProcessor: number;
  readonly jobsPerSecond: number;
  /** Undefined where nothing fits. */
  readonly dollarsPerMillion: number | undefined;
};

/** Above this Heroku begins to swap; the rest is for what a measurement does not see. */
const MEMORY_SHARE = 0.8;
const SECONDS_A_MONTH = 720 * 3600;
/** More than this many connections at a time no database plan of that price has. */
const MOST = 100;

/**
 * How many jobs at a time one process on a dyno of that size can run: what its memory holds, and no more than keep one
 * core busy, as a Node process has one thread for its own work. Standard dynos share their cores, so that is their best.
 */
export function advise(
  { baseMb, perJobMb, wallMs, cpuMs }: Fit,
  { memoryGb, dollarsAMonth }: { readonly memoryGb: number; readonly dollarsAMonth: number },
): Advice {
  const room = memoryGb * 1024 * 1.048576 * MEMORY_SHARE - baseMb;
  const byMemory = room < perJobMb ? 0 : Math.floor(room / Math.max(perJobMb, 0.1));
  const byProcessor = Math.min(MOST, Math.max(1, Math.round(wallMs / Math.max(cpuMs, 0.01))));
  const concurrency = Math.min(byMemory, byProcessor);
  const jobsPerSecond = concurrency === 0 ? 0 : Math.min((concurrency * 1000) / wallMs, 1000 / cpuMs);
  return {
    concurrency,
    byMemory,
    byProcessor,
    jobsPerSecond,
    dollarsPerMillion:
      jobsPerSecond === 0 ? undefined : (dollarsAMonth / SECONDS_A_MONTH / jobsPerSecond) * 1e6,
  };
}
