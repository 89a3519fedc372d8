import type { ShutdownTiming } from './shutdown.ts';

/** Heroku's, and the default of Kubernetes. */
const DEFAULT_SECONDS = 30;
/** What a timer can wait for; more would end at once. */
const MOST_SECONDS = 2_000_000;
/** Redis may take 2 s to store the returned jobs, and the process has to end. */
const RESERVED_MS = 3000;

/**
 * How long the workers may take to close in a grace period of so many seconds. One that is no number above 0 is as if it
 * were not there.
 */
export function shutdownTiming(gracePeriodSeconds: number = DEFAULT_SECONDS): ShutdownTiming {
  const given = gracePeriodSeconds > 0 ? Math.min(gracePeriodSeconds, MOST_SECONDS) : DEFAULT_SECONDS;
  if (given !== gracePeriodSeconds)
    process.emitWarning(`drover: gracePeriodSeconds is ${gracePeriodSeconds}; ${given} are used.`);
  return { closeTimeoutMs: Math.max(0, given * 1000 - RESERVED_MS), handBackDelayMs: 10_000 };
}
