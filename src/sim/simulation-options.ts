import type { BootModel } from './boots.ts';
import type { LimiterOptions } from './simulated-limiter.ts';

/** How the platform behaves. */
export type SimulationOptions = {
  /** Jobs that one worker runs at once. */
  readonly concurrency: number;
  readonly boots: BootModel;
  /** Workers that are up at the start. */
  readonly quantity: number;
  readonly seed: number;
  /** Absent: nothing limits the rate at which jobs start. */
  readonly limiter?: LimiterOptions | undefined;
};
