/** Wishes of the recent past, newest last, each smaller than the one before it: the first is the peak. */
export type Peaks = readonly (readonly [at: number, count: number])[];

/** The window is kept in so many slots of time, so the memory is bounded however fast the ticks are. */
const SLOTS = 64;

/**
 * A sliding maximum kept as a falling list: a new wish drops every older one that is not larger, because it is both
 * later and at least as high, and those that have left the window. A wish exactly `windowMs` old is kept: the delay is
 * a promise of "at least". Wishes of one slot become one, the higher count at the later time: that can only hold longer,
 * by one slot at most, as slots lie fixed on the time line.
 */
export function rememberPeak(peaks: Peaks, at: number, count: number, windowMs: number): Peaks {
  const kept = peaks
    // A clock that was set back leaves entries in the future; they would otherwise hold for that long.
    .map(([seenAt, seen]) => [Math.min(seenAt, at), seen] as const)
    .filter(([seenAt, seen]) => at - seenAt <= windowMs && seen > count);
  const last = kept.at(-1);
  const before = kept.at(-2);
  const slotMs = Math.max(1, windowMs / SLOTS);
  if (last && before && Math.floor(last[0] / slotMs) === Math.floor(before[0] / slotMs)) {
    kept.splice(-2, 2, [last[0], before[1]]);
  }
  return [...kept, [at, count]];
}

/** The largest remembered wish; 0 when there is none. */
export function peakOf(peaks: Peaks): number {
  return peaks[0]?.[1] ?? 0;
}
