import { sumOf } from './sum.ts';

/** Workers that become able to take jobs at the same time. */
export type StartGroup = { readonly inMs: number; readonly workers: number };

/** How many workers were last read or set, and which of them still boot. JSON, bounded. */
export type Capacity = {
  readonly quantity: number;
  /** When they were added (epoch ms) and how many, oldest first. */
  readonly booting: readonly (readonly [at: number, workers: number])[];
};

/** Of more, the oldest count as up: a boot takes minutes at most, and a tick adds workers once. */
const MOST_BOOTING = 64;

/** The capacity now: finished boots are dropped, and a changed quantity started or stopped the newest workers. */
export function updateCapacity(
  before: Capacity | undefined,
  quantity: number,
  at: number,
  bootMs: number,
): Capacity {
  // After the clock was set back, workers must not boot for ever.
  const booting = (before?.booting ?? []).filter(([addedAt]) => addedAt <= at && addedAt + bootMs > at);
  const change = quantity - (before?.quantity ?? quantity);
  if (change > 0) return { quantity, booting: [...booting, [at, change] as const].slice(-MOST_BOOTING) };
  return { quantity, booting: without(booting, -change) };
}

/** The platform removes the workers that were added last. */
function without(booting: Capacity['booting'], removed: number): Capacity['booting'] {
  const last = booting.at(-1);
  if (removed === 0 || last === undefined) return booting;
  const rest = booting.slice(0, -1);
  return last[1] > removed ? [...rest, [last[0], last[1] - removed]] : without(rest, removed - last[1]);
}

/** The workers that take jobs now, then those that boot, soonest first. */
export function startGroupsOf({ quantity, booting }: Capacity, at: number, bootMs: number): StartGroup[] {
  const starting = sumOf(booting, ([, workers]) => workers);
  return [
    { inMs: 0, workers: Math.max(0, quantity - starting) },
    ...booting.map(([addedAt, workers]) => ({ inMs: addedAt + bootMs - at, workers })),
  ];
}
