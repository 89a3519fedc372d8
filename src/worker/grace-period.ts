import { DEFAULT_GRACE_SECONDS, HANDED_BACK_BEFORE_SECONDS } from '../core/grace-period.ts';
import type { ShutdownTiming } from './shutdown.ts';

/** What a timer can wait for; more would end at once. */
const MOST_SECONDS = 2_000_000;

/**
 * How long the workers may take to close in a grace period of so many seconds. One that is no number above 0 is as if it
 * were not there.
 */
export function shutdownTiming(gracePeriodSeconds: number = DEFAULT_GRACE_SECONDS): ShutdownTiming {
  const given = gracePeriodSeconds > 0 ? Math.min(gracePeriodSeconds, MOST_SECONDS) : DEFAULT_GRACE_SECONDS;
  if (given !== gracePeriodSeconds)
    process.emitWarning(`drover: gracePeriodSeconds is ${gracePeriodSeconds}; ${given} are used.`);
  return {
    closeTimeoutMs: Math.max(0, (given - HANDED_BACK_BEFORE_SECONDS) * 1000),
    handBackDelayMs: 10_000,
  };
}
