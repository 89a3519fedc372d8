import type { StoredDrainRequest } from './keys.ts';

/**
 * Whether a dyno is to rest under an order. Everything that is not known says no: a dyno without a number cannot be
 * above any, and an order that is not there, or cannot be read, asks nothing.
 */
export function mustDrain(
  ordinal: number | undefined,
  order: StoredDrainRequest | undefined,
): order is StoredDrainRequest {
  return ordinal !== undefined && order !== undefined && ordinal > order.limit;
}

/**
 * What a worker process may say after it acted on `order`: that it rests under it, once each of its workers is paused
 * and its main loop has ended. `settled` false: some fetch is still under way, or some job is running.
 */
export function drainedUnder(
  ordinal: number | undefined,
  order: StoredDrainRequest | undefined,
  settled: boolean,
): string | undefined {
  return mustDrain(ordinal, order) && settled ? order.epoch : undefined;
}
