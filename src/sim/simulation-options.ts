import type { LimiterOptions } from './simulated-limiter.ts';

/** How the platform behaves. */
export type SimulationOptions = {
  /** Jobs that one worker runs at once. */
  readonly concurrency: number;
  /** From the resize to a worker that takes jobs: the mean, and the coefficient of variation (0: always the mean). */
  readonly bootMs: number;
  readonly bootSpread: number;
  /** Workers that are up at the start. */
  readonly quantity: number;
  readonly seed: number;
  /** Absent: nothing limits the rate at which jobs start. */
  readonly limiter?: LimiterOptions | undefined;
};
