import { sumOf } from '../core/sum.ts';
import { MINUTE_MS, type TypeMinute } from './minute.ts';

/** A fixed quantity qualifies when at most this share of the jobs would have waited longer than allowed. */
const LATE_ALLOWED = 0.05;
/** The backlog rule sets no longest wait. */
const DEFAULT_WAIT_MS = 60_000;

export type TimedMinute = TypeMinute & { readonly at: number };

/**
 * The smallest fixed quantity that would have started 95 % of the recorded jobs within the allowed wait; undefined while
 * no job was seen to end. An estimate, by a fluid model of the recorded minutes: a job takes running time over departures
 * (Little's law), a worker serves its concurrency at once, and the rest queues in order of arrival. The simulator's `best
 * fixed` is another calculation: it plays each quantity, boots included, on a workload of known jobs.
 */
export function cheapestFixedQuantity(
  minutes: readonly TimedMinute[],
  maxWaitMs: number | undefined,
): number | undefined {
  const done = sumOf(minutes, (minute) => minute.done);
  const serviceMs = done === 0 ? 0 : sumOf(minutes, ({ activeMs }) => activeMs) / done;
  if (serviceMs === 0) return undefined;
  const most = Math.max(...minutes.map(({ max }) => max));
  for (let quantity = 1; quantity < most; quantity += 1) {
    if (lateShare(minutes, quantity, serviceMs, maxWaitMs ?? DEFAULT_WAIT_MS) <= LATE_ALLOWED)
      return quantity;
  }
  return most;
}

function lateShare(
  minutes: readonly TimedMinute[],
  quantity: number,
  serviceMs: number,
  maxWaitMs: number,
): number {
  let workMs = 0;
  let late = 0;
  let all = 0;
  let before: number | undefined;
  for (const { at, added, concurrency } of minutes) {
    const slots = quantity * concurrency;
    workMs = Math.max(0, workMs - slots * (at - (before ?? at)));
    // The mean job of a minute has half of that minute's arrivals ahead of it.
    const waitMs = (workMs + Math.max(0, (added * serviceMs) / 2 - (slots * MINUTE_MS) / 2)) / slots;
    workMs += added * serviceMs;
    before = at;
    all += added;
    if (waitMs > maxWaitMs) late += added;
  }
  return all === 0 ? 0 : late / all;
}
