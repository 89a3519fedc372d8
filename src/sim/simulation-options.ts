import type { BootModel } from './boots.ts';
import type { LimiterOptions } from './simulated-limiter.ts';

/** `lowestNumber` is what no Redis does: it shows what the order of serving costs. */
export type Served = 'longestBlocked' | 'lowestNumber';

/** How the platform behaves. */
export type SimulationOptions = {
  /** Jobs that one worker runs at once. */
  readonly concurrency: number;
  readonly boots: BootModel;
  /** Workers that are up at the start. */
  readonly quantity: number;
  readonly seed: number;
  /** Which of several free workers gets a job; absent: the one that has blocked longest, as Redis serves them. */
  readonly served?: Served | undefined;
  /** Absent: nothing limits the rate at which jobs start. */
  readonly limiter?: LimiterOptions | undefined;
};
