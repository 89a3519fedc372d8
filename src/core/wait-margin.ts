import type { Starts } from './lateness.ts';
import { sumOf } from './sum.ts';

/** What is remembered of a queue's starts for a day. JSON, bounded. */
export type LatenessRecord = {
  /** Per period: its beginning (epoch ms), jobs that started in it, and those of them that were late. Oldest first. */
  readonly periods: readonly (readonly [at: number, started: number, late: number])[];
  /** Epoch ms: when something other than the rule last kept jobs waiting. */
  readonly excusedAt?: number | undefined;
};

const PERIOD_MS = 3 * 3_600_000;
/** A period is remembered until a day after its beginning. */
export const RECORDED_MS = 86_400_000;

/**
 * As long as few jobs have started, the record counts as if so many more had, of which this part of the allowed share was
 * late: a single late job of a quiet queue is no reason for the whole margin.
 */
const PRESUMED_STARTS = 20;
const PRESUMED_PART = 0.5;
/** Up to this part of the allowed share late, there is no margin; from the second part on, the whole. */
const NO_MARGIN_UP_TO = 0.4;
const WHOLE_MARGIN_FROM = 0.9;

export function recordStarts(
  record: LatenessRecord | undefined,
  { started, late }: Starts,
  at: number,
): LatenessRecord {
  // After the clock was set back, periods in the future would be remembered for longer.
  const periods = (record?.periods ?? []).filter(([since]) => since <= at && at - since < RECORDED_MS);
  if (started === 0) return { ...record, periods };
  const last = periods.at(-1);
  if (last === undefined || at - last[0] >= PERIOD_MS)
    return { ...record, periods: [...periods, [at, started, late]] };
  return { ...record, periods: [...periods.slice(0, -1), [last[0], last[1] + started, last[2] + late]] };
}

/** The jobs of the recorded periods. */
export function startsOn(record: LatenessRecord | undefined): Starts {
  const periods = record?.periods ?? [];
  const started = sumOf(periods, ([, jobs]) => jobs);
  return {
    started,
    late: Math.min(
      started,
      sumOf(periods, ([, , jobs]) => jobs),
    ),
  };
}

/**
 * How much of the wait the plan keeps in reserve, 0 to 1, so that no more than `allowedShare` (0 to 1) of a day's jobs are
 * late. It follows from the day's record alone: nothing accumulates that would have to be worked off, and in balance the
 * day's share lies between the two parts of the allowed one. This is proportional control of the coverage that adaptive
 * conformal inference (Gibbs and Candès, NeurIPS 2021) controls by integration: what counts here is the share over the
 * day, so a bad hour has to be made up for in the same day.
 */
export function marginOf(record: LatenessRecord | undefined, allowedShare: number): number {
  const { started, late } = startsOn(record);
  const presumedLate = PRESUMED_STARTS * PRESUMED_PART * allowedShare;
  const part = (late + presumedLate) / (started + PRESUMED_STARTS) / allowedShare;
  return Math.min(1, Math.max(0, (part - NO_MARGIN_UP_TO) / (WHOLE_MARGIN_FROM - NO_MARGIN_UP_TO)));
}
