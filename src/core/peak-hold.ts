import { clamp } from './bounds.ts';
import type { Policy, Step } from './types.ts';
import { workersText } from './words.ts';

/** Desired counts of the recent past, newest last, each smaller than the one before it: the first is the peak. */
export type Peaks = readonly (readonly [at: number, count: number])[];

/** The window is divided into this many time slots, so that the memory is bounded however short the ticks are. */
const SLOTS = 64;

/**
 * A sliding maximum kept as a falling list: a new count drops every older one that is not larger, because it is both later
 * and at least as high, and those that have left the window. A count exactly `windowMs` old is kept: the delay is a
 * promise of "at least". Counts of one slot are merged, the higher count at the later time: that can only hold longer, by
 * one slot at most, as slots are fixed in time.
 */
export function rememberPeak(peaks: Peaks, at: number, count: number, windowMs: number): Peaks {
  const kept = peaks
    // After the clock was set back, entries in the future would otherwise hold for that long.
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

/** The largest remembered count; 0 when there is none. */
export function peakOf(peaks: Peaks): number {
  return peaks[0]?.[1] ?? 0;
}

/**
 * The way down waits for the scale-down delay: the largest count of that time stays. Cooperating workers that the next
 * tick needs (`nextWanted`) have been called back already, so none of them may be removed in this one.
 */
export function peakHoldStep(
  policy: Policy,
  peaks: Peaks,
  bounded: number,
  { quantity: from, nextWanted = 0 }: { readonly quantity: number; readonly nextWanted?: number | undefined },
): Step {
  const remembered = clamp(Math.max(bounded, peakOf(peaks)), policy.min, policy.max);
  const count = bounded >= from ? bounded : Math.min(from, Math.max(remembered, nextWanted));
  const note =
    count > Math.max(bounded, remembered)
      ? `${workersText(policy, count)} needed at the next tick`
      : undefined;
  return { stage: 'peak hold', count, note };
}
