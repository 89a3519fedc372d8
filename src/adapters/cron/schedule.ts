import { createTask } from 'node-cron';

import type { Schedule } from '../../ports.ts';

/** Upcoming slots among which the shortest interval is searched. */
const SLOTS_COMPARED = 50;

/** A cron expression of 5 or 6 fields in an IANA time zone; throws for one that is invalid or never fires. */
export function cronSchedule(expression: string, timeZone: string): Schedule {
  const task = createTask(expression, () => {}, { timezone: timeZone });
  const slots = task.getNextRuns(SLOTS_COMPARED).map((slot) => slot.getTime());
  const gaps = slots.slice(1).map((slot, index) => slot - (slots[index] ?? slot));
  return {
    next: () => {
      const [slot] = task.getNextRuns(1);
      if (!slot) throw new RangeError('the schedule has no upcoming slot');
      return slot.getTime();
    },
    shortestMs: Math.min(...gaps),
  };
}
