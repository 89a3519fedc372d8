/** Dynos that become able to take jobs at the same time. */
export type StartGroup = { readonly inMs: number; readonly dynos: number };

/** What is known of the dynos: how many were last seen or asked for, and which of them still boot. JSON, bounded. */
export type Capacity = {
  readonly quantity: number;
  /** When each lot was asked for (epoch ms), oldest first. */
  readonly booting: readonly (readonly [at: number, dynos: number])[];
};

/** Of more, the oldest count as up: a boot takes minutes, and a tick asks once. */
const MOST_BOOTING = 64;

/** The fleet as it is now: boots that are over are over, and a change of quantity started or stopped the newest dynos. */
export function updateCapacity(
  before: Capacity | undefined,
  quantity: number,
  at: number,
  bootMs: number,
): Capacity {
  // A clock that was set back would leave dynos booting for ever.
  const booting = (before?.booting ?? []).filter(([asked]) => asked <= at && asked + bootMs > at);
  const change = quantity - (before?.quantity ?? quantity);
  if (change > 0) return { quantity, booting: [...booting, [at, change] as const].slice(-MOST_BOOTING) };
  return { quantity, booting: without(booting, -change) };
}

/** The highest-numbered dynos go first, and those are the ones that were asked for last. */
function without(booting: Capacity['booting'], dynos: number): Capacity['booting'] {
  const last = booting.at(-1);
  if (dynos === 0 || last === undefined) return booting;
  const rest = booting.slice(0, -1);
  return last[1] > dynos ? [...rest, [last[0], last[1] - dynos]] : without(rest, dynos - last[1]);
}

/** Those that take jobs now, then those that boot, soonest first. */
export function startGroupsOf({ quantity, booting }: Capacity, at: number, bootMs: number): StartGroup[] {
  const starting = booting.reduce((sum, [, dynos]) => sum + dynos, 0);
  return [
    { inMs: 0, dynos: Math.max(0, quantity - starting) },
    ...booting.map(([asked, dynos]) => ({ inMs: asked + bootMs - at, dynos })),
  ];
}
