/** Jobs that are not ready yet, by when they will be (epoch ms), soonest first. JSON, bounded. */
export type Upcoming = readonly (readonly [dueAt: number, jobs: number])[];

const MOST_LOTS = 24;

/**
 * When those due within the horizon are due, which is only counted. What was not in sight at the reading before is due at
 * the far end of it, on average half of the time between the two before that; what was draws nearer. Where there are
 * fewer than were known, the soonest have become ready. `sinceMs` is the time since the reading before.
 */
export function observeUpcoming(
  before: Upcoming,
  soon: number,
  at: number,
  sinceMs: number,
  horizonMs: number,
): Upcoming {
  const known = fewest(
    before.filter(([dueAt]) => dueAt > at && dueAt <= at + horizonMs),
    soon,
  );
  const fresh = soon - known.reduce((sum, [, jobs]) => sum + jobs, 0);
  if (fresh <= 0) return known;
  const inSight = sinceMs > 0 ? Math.min(sinceMs, horizonMs) : horizonMs;
  const lots = [...known, [at + horizonMs - inSight / 2, fresh] as const];
  return lots.toSorted(([a], [b]) => a - b).slice(-MOST_LOTS);
}

/** The latest of them, as many jobs as there are. */
function fewest(lots: Upcoming, jobs: number): Upcoming {
  const kept: (readonly [number, number])[] = [];
  let left = jobs;
  for (const [dueAt, count] of lots.toReversed()) {
    if (left <= 0) break;
    kept.unshift([dueAt, Math.min(left, count)]);
    left -= count;
  }
  return kept;
}
