import type { ProcessTypeSettings } from '../../src/config/settings.ts';
import { PROCESS_TYPE } from '../../src/sim/ports.ts';

/** The documented defaults, but for the bounds, the wait and what the workload's dynos run at once. */
export function settingsOf(
  bounds: { readonly min: number; readonly max: number },
  concurrency: number,
  maxWaitMs: number,
): ProcessTypeSettings {
  return {
    processType: PROCESS_TYPE,
    queues: ['*'],
    dynoSize: undefined,
    ...bounds,
    jobsPerWorker: 100,
    maxWaitMs,
    concurrency,
    bootMs: 30_000,
    scaleDownDelayMs: 60_000,
    manualHoldMs: 600_000,
    drainTimeoutMs: undefined,
    maxStepUp: undefined,
    maxStepDown: undefined,
  };
}
