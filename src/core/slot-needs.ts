import { sumOf } from './sum.ts';

/** By number of slots (an edge of a class): jobs that started at once with that many slots and not with the class below. */
type Needs = readonly (readonly [slots: number, jobs: number])[];

/** What a queue's jobs of the last day needed to start at once. JSON, bounded. */
export type SlotNeeds = {
  /** Jobs that would run now, had each started when it came. Epoch ms of that count. */
  readonly offered: number;
  readonly at: number;
  /** Per period: its beginning (epoch ms) and what the jobs in it needed. Oldest first. */
  readonly periods: readonly (readonly [at: number, needs: Needs])[];
};

const PERIOD_MS = 2 * 3_600_000;
/** A period is remembered until a day after its beginning. */
export const NEEDS_MS = 86_400_000;
/** Bounds of what is remembered. */
export const MOST_PERIODS = NEEDS_MS / PERIOD_MS;
export const MOST_CLASSES = 49;

/** One slot to eight each for itself, then four classes to each doubling, each 19 % above the one before, to about 10,000. */
const EXACT = 8;
const EDGES = Array.from({ length: MOST_CLASSES }, (_, index) =>
  index < EXACT ? index + 1 : Math.round(EXACT * 2 ** ((index + 1 - EXACT) / 4)),
);
const MOST_SLOTS = EDGES.at(-1) ?? EXACT;

/**
 * Adds `jobs` that came together while `from` slots were needed already: they need from there to `to` slots, evenly.
 */
export function recordNeeds(
  periods: SlotNeeds['periods'],
  { from, to, jobs }: { readonly from: number; readonly to: number; readonly jobs: number },
  at: number,
): SlotNeeds['periods'] {
  // After the clock was set back, periods in the future would be remembered for longer.
  const kept = periods.filter(([since]) => since <= at && at - since < NEEDS_MS);
  if (jobs <= 0) return kept;
  const last = kept.at(-1);
  if (last === undefined || at - last[0] >= PERIOD_MS) return [...kept, [at, added([], from, to, jobs)]];
  return [...kept.slice(0, -1), [last[0], added(last[1], from, to, jobs)]];
}

function added(needs: Needs, from: number, to: number, jobs: number): Needs {
  const [least, most] = [Math.min(from, MOST_SLOTS), Math.min(to, MOST_SLOTS)];
  const sums = new Map(needs);
  let below = 0;
  for (const edge of EDGES) {
    // A span of no length lies in the class that holds it.
    const upper = edge >= most ? 1 : most > least ? Math.max(0, (edge - least) / (most - least)) : 0;
    if (upper > below) sums.set(edge, (sums.get(edge) ?? 0) + (upper - below) * jobs);
    below = upper;
    if (upper === 1) break;
  }
  return [...sums].toSorted(([a], [b]) => a - b);
}

/**
 * The fewest slots that leave at most `allowedShare` (0 to 1) of the recorded jobs without one at once: a quantile, by jobs.
 * What came in one period alone is not taken to come again: of the quantiles without one of the periods, the smallest
 * counts, so nothing is kept for a single burst, nor before the second period.
 */
export function slotsToKeep(periods: SlotNeeds['periods'], allowedShare: number): number {
  if (periods.length < 2) return 0;
  const all = new Map<number, number>();
  for (const [, needs] of periods)
    for (const [slots, jobs] of needs) all.set(slots, (all.get(slots) ?? 0) + jobs);
  const falling = [...all].toSorted(([a], [b]) => b - a);
  let least = Infinity;
  for (const [, left] of periods)
    least = Math.min(least, quantileWithout(falling, new Map(left), allowedShare));
  return least;
}

function quantileWithout(falling: Needs, left: ReadonlyMap<number, number>, allowedShare: number): number {
  const others = falling.map(([slots, jobs]) => [slots, jobs - (left.get(slots) ?? 0)] as const);
  let allowed = allowedShare * sumOf(others, ([, jobs]) => jobs) + ROUNDING;
  for (const [slots, jobs] of others) {
    allowed -= jobs;
    if (allowed < 0) return slots;
  }
  return 0;
}

/** Sums of fractions: the jobs of one period less themselves are none. */
const ROUNDING = 1e-6;
