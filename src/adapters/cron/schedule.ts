import { createTask } from 'node-cron';

import type { Schedule } from '../../ports.ts';

/** Upcoming slots among which the shortest interval is searched. */
const SLOTS_COMPARED = 50;

/** A cron expression of 5 or 6 fields in an IANA time zone; throws for one that is invalid or never fires. */
export function cronSchedule(expression: string, timeZone: string): Schedule {
  const task = createTask(expression, () => {}, { timezone: timeZone });
  const slots = task.getNextRuns(SLOTS_COMPARED).map((slot) => slot.getTime());
  const gaps = slots.slice(1).map((slot, index) => slot - (slots[index] ?? slot));
  // The slot that follows one moment follows every moment up to it, and finding it takes longer than asking.
  let found = { from: Infinity, slot: -Infinity };
  return {
    next: () => {
      const now = Date.now();
      if (now < found.from || now >= found.slot) {
        const [slot] = task.getNextRuns(1);
        if (!slot) throw new RangeError('the schedule has no upcoming slot');
        found = { from: now, slot: slot.getTime() };
      }
      return found.slot;
    },
    shortestMs: Math.min(...gaps),
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * The longest time between two slots, within an hour of it. The slots of a year are too many to compare, so seconds,
 * minutes and hours are compared each for themselves.
 */
export function longestGapMs(expression: string, timeZone: string): number {
  const fields = expression.trim().split(/\s+/);
  const [second = '0', minute = '*', ...rest] = fields.length === 5 ? ['0', ...fields] : fields;
  const ofMinutes = minute === '*' ? 0 : gapMs(`0 ${minute} * * * *`, timeZone, 61);
  // More hours with a slot than a week has.
  const ofHours = rest.every((field) => field === '*') ? 0 : gapMs(`0 0 ${rest.join(' ')}`, timeZone, 200);
  return Math.max(
    gapMs(`${second} * * * * *`, timeZone, 61),
    ofMinutes > MINUTE_MS ? ofMinutes : 0,
    ofHours > HOUR_MS ? ofHours : 0,
  );
}

function gapMs(expression: string, timeZone: string, slots: number): number {
  const times = createTask(expression, () => {}, { timezone: timeZone })
    .getNextRuns(slots)
    .map((slot) => slot.getTime());
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}
