import type { Order } from './keys.ts';

/**
 * Whether a dyno is to rest under an order. Everything that is not known says no: a dyno without a number cannot be
 * above any, and an order that is not there, or cannot be read, asks nothing.
 */
export function rests(ordinal: number | undefined, order: Order | undefined): order is Order {
  return ordinal !== undefined && order !== undefined && ordinal > order.limit;
}

/**
 * What a worker process may say after it acted on `order`: that it rests under it, once each of its workers is paused
 * and its main loop has ended. `settled` false: some fetch is still under way, or some job is running.
 */
export function restingUnder(
  ordinal: number | undefined,
  order: Order | undefined,
  settled: boolean,
): string | undefined {
  return rests(ordinal, order) && settled ? order.epoch : undefined;
}
