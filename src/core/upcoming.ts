import type { ReadingTime } from './reading-time.ts';
import { sumOf } from './sum.ts';

/** Jobs that are not ready yet, by when they will be (epoch ms), soonest first. JSON, bounded. */
export type Upcoming = readonly (readonly [dueAt: number, jobs: number])[];

const MOST_BATCHES = 24;

/**
 * Estimates when the jobs due within the horizon are due; Redis only counts them. Jobs that the previous reading could not
 * see are due at the far end of the horizon: on average half of the time between the two readings before it. Jobs that it
 * saw draw nearer. Where fewer are left than were known, the soonest have become ready.
 */
export function observeUpcoming(before: Upcoming, due: number, time: ReadingTime): Upcoming {
  const { at, sinceMs, horizonMs } = time;
  const known = latest(
    before.filter(([dueAt]) => dueAt > at && dueAt <= at + horizonMs),
    due,
  );
  const added = due - sumOf(known, ([, jobs]) => jobs);
  if (added <= 0) return known;
  const newlySeenMs = sinceMs > 0 ? Math.min(sinceMs, horizonMs) : horizonMs;
  const batches = [...known, [at + horizonMs - newlySeenMs / 2, added] as const];
  return batches.toSorted(([a], [b]) => a - b).slice(-MOST_BATCHES);
}

/** The latest batches, `jobs` jobs in all. */
function latest(batches: Upcoming, jobs: number): Upcoming {
  const kept: (readonly [number, number])[] = [];
  let left = jobs;
  for (const [dueAt, count] of batches.toReversed()) {
    if (left <= 0) break;
    kept.unshift([dueAt, Math.min(left, count)]);
    left -= count;
  }
  return kept;
}
