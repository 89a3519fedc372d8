import type { StoredDrainRequest } from './keys.ts';

/**
 * Whether a drain request applies to a dyno. What is unknown means no: a dyno without a number cannot be above a limit,
 * and a missing or unreadable request has no effect.
 */
export function mustDrain(
  ordinal: number | undefined,
  request: StoredDrainRequest | undefined,
): request is StoredDrainRequest {
  return ordinal !== undefined && request !== undefined && ordinal > request.limit;
}

/**
 * The epoch under which a worker process may report itself drained; undefined while it may not. `settled`: each of its
 * workers is paused and its main loop has ended, so no fetch is pending and no job is running.
 */
export function drainedUnder(
  ordinal: number | undefined,
  request: StoredDrainRequest | undefined,
  settled: boolean,
): string | undefined {
  return mustDrain(ordinal, request) && settled ? request.epoch : undefined;
}
