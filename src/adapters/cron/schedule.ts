import { createTask } from 'node-cron';

import type { Schedule } from '../../ports.ts';

/** How many slots to come are looked at for the shortest time between two. */
const SLOTS_LOOKED_AT = 50;

/** A cron expression of 5 or 6 fields in an IANA time zone; throws for one that is not valid or never comes. */
export function cronSchedule(expression: string, timeZone: string): Schedule {
  const task = createTask(expression, () => {}, { timezone: timeZone });
  const slots = task.getNextRuns(SLOTS_LOOKED_AT).map((slot) => slot.getTime());
  const gaps = slots.slice(1).map((slot, index) => slot - (slots[index] ?? slot));
  return {
    next: () => {
      const [slot] = task.getNextRuns(1);
      if (!slot) throw new RangeError('the schedule has no slot to come');
      return slot.getTime();
    },
    shortestMs: Math.min(...gaps),
  };
}
