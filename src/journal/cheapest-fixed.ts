import { sumOf } from './entry.ts';
import { MINUTE_MS, type TypeMinute } from './minute.ts';

/** A fixed number counts as good enough when no more than this share of the jobs would have waited too long. */
const LATE_ALLOWED = 0.05;
/** Under the backlog rule nobody said how long a job may wait. */
const DEFAULT_WAIT_MS = 60_000;

export type TimedMinute = TypeMinute & { readonly at: number };

/**
 * The smallest number of dynos that, never changed, would have kept 95 % of the jobs within the wait aimed at; undefined
 * while no job was seen to end. A fluid model of the minutes: a job takes the mean of running jobs over departures
 * (Little), a dyno works on its concurrency at once, and what is not worked off waits its turn.
 */
export function cheapestFixedQuantity(
  minutes: readonly TimedMinute[],
  aimMs: number | undefined,
): number | undefined {
  const done = sumOf(minutes, (minute) => minute.done);
  const serviceMs = done === 0 ? 0 : sumOf(minutes, ({ activeMs }) => activeMs) / done;
  if (serviceMs === 0) return undefined;
  const most = Math.max(...minutes.map(({ max }) => max));
  for (let dynos = 1; dynos < most; dynos += 1) {
    if (lateShare(minutes, dynos, serviceMs, aimMs ?? DEFAULT_WAIT_MS) <= LATE_ALLOWED) return dynos;
  }
  return most;
}

function lateShare(minutes: readonly TimedMinute[], dynos: number, serviceMs: number, aimMs: number): number {
  let workMs = 0;
  let late = 0;
  let all = 0;
  let before: number | undefined;
  for (const { at, added, concurrency } of minutes) {
    const slots = dynos * concurrency;
    workMs = Math.max(0, workMs - slots * (at - (before ?? at)));
    // What came in the minute is ahead of its last job; half of it, of the mean one.
    const waitMs = (workMs + Math.max(0, (added * serviceMs) / 2 - (slots * MINUTE_MS) / 2)) / slots;
    workMs += added * serviceMs;
    before = at;
    all += added;
    if (waitMs > aimMs) late += added;
  }
  return all === 0 ? 0 : late / all;
}
