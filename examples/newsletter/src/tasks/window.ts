/** Epoch ms, both ends included. */
export type TimeWindow = { readonly from: number; readonly to: number };

/**
 * How long from `now` until a task runs that may run anywhere in a window: `share` (0 to 1) of what is left of it, so
 * that many tasks with one window spread over it. Undefined when the window is over.
 */
export function delayWithin({ from, to }: TimeWindow, now: number, share: number): number | undefined {
  const earliest = Math.max(from, now);
  return to < earliest ? undefined : Math.round(earliest - now + share * (to - earliest));
}
