import { believed, type Belief } from './belief.ts';
import type { ExpectedBurst } from './types.ts';

/** What the past shows of the next day: the bursts to expect, or why nothing is made of them. JSON, bounded. */
export type Foreseen = Belief<{
  readonly bursts: readonly ExpectedBurst[];
  /** Set: in the last week it would have cost more without making fewer jobs late, so no workers are started for them. */
  readonly off?: string | undefined;
}>;

/** Bound of what is kept. */
export const MOST_EXPECTED = 50;

export const WEEKDAY_NAMES = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

/** It is derived again each hour; without that, it ends when the bursts of the next day are over. */
export const FORESEEN_MS = 26 * 3_600_000;

/** The bursts to start workers for; none where what was foreseen has expired or has not paid off. */
export function expectedAt(foreseen: Foreseen | undefined, at: number): readonly ExpectedBurst[] {
  const known = believed(foreseen, at, FORESEEN_MS);
  return known === undefined || known.off !== undefined ? [] : known.bursts;
}
