import { takeOver, withoutQuantity } from '../core/scaling-state.ts';
import type { Remembered } from '../ports.ts';

/**
 * What to go on from when other clocks may have acted: what they saved counts, and this clock's own writes stay its own.
 * Where nothing was saved, what this clock remembers is the best there is, except for the quantity.
 */
export function mergeSaved(
  saved: ReadonlyMap<string, Remembered>,
  carried: ReadonlyMap<string, Remembered> | undefined,
): ReadonlyMap<string, Remembered> {
  const merged = new Map<string, Remembered>();
  for (const [processType, own] of carried ?? [])
    merged.set(processType, { ...own, scaling: withoutQuantity(own.scaling) });
  for (const [processType, kept] of saved) {
    const own = carried?.get(processType);
    merged.set(processType, { ...kept, scaling: takeOver(kept.scaling, own?.scaling) });
  }
  return merged;
}
