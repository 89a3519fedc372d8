import type { StoredDrainRequest } from './keys.ts';

/** By what a drain request may address a worker. */
export type Addressed = { readonly name: string; readonly ordinal: number | undefined };

/**
 * Whether a drain request applies to a worker. What is unknown means no: a worker without a number cannot be above a
 * limit, one that is not named is not meant, and a missing or unreadable request has no effect.
 */
export function mustDrain(
  { name, ordinal }: Addressed,
  request: StoredDrainRequest | undefined,
): request is StoredDrainRequest {
  if (request === undefined) return false;
  if (request.names !== undefined) return request.names.includes(name);
  return ordinal !== undefined && ordinal > request.limit;
}

/**
 * The epoch under which a worker process may report itself drained; undefined while it may not. `settled`: each of its
 * workers is paused and its main loop has ended, so no fetch is pending and no job is running.
 */
export function drainedUnder(
  worker: Addressed,
  request: StoredDrainRequest | undefined,
  settled: boolean,
): string | undefined {
  return mustDrain(worker, request) && settled ? request.epoch : undefined;
}
