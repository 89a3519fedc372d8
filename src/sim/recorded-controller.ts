import { MINUTE_MS, type History, type TypeMinute } from '../journal/minute.ts';
import type { Controller } from './controller.ts';

/**
 * The quantities that the platform had while a shadow ran, minute by minute: what they do in a simulation shows how far the
 * simulation is from what was. Undefined where a minute is of no shadow.
 */
export function recordedController({ minutes }: History, processType: string): Controller | undefined {
  const rows = minutes.flatMap(({ at, types }) =>
    types.filter((type) => type.processType === processType).map((type) => ({ ...type, at })),
  );
  const [first] = rows;
  if (first === undefined || rows.some(({ actualDynoMs }) => actualDynoMs === undefined)) return undefined;
  const quantities = new Map<number, number>();
  for (const row of rows) {
    const quantity = actualQuantity(row);
    if (quantity !== undefined) quantities.set(Math.round((row.at - first.at) / MINUTE_MS), quantity);
  }
  const all = [...quantities.values()];
  return {
    name: 'as recorded',
    everyMs: MINUTE_MS,
    min: all[0] ?? 0,
    max: all.reduce((most, quantity) => Math.max(most, quantity), 0),
    tick(simulation) {
      // A minute without a tick, and the time after the last one, keep the quantity.
      const quantity = quantities.get(Math.round(simulation.at / MINUTE_MS));
      if (quantity !== undefined && quantity !== simulation.workers.quantity) simulation.resize(quantity);
    },
  };
}

/** The mean of the minute, as a whole number; undefined before its first tick has ended. */
function actualQuantity({ actualDynoMs = 0, maxDynoMs, max }: TypeMinute): number | undefined {
  const ms = maxDynoMs / max;
  return ms === 0 ? undefined : Math.round(actualDynoMs / ms);
}
