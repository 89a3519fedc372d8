/** A change of the quantity that was sent to the platform. */
export type Write = {
  readonly from: number;
  readonly to: number;
  /** Epoch ms at which it was sent. */
  readonly at: number;
  /** False: some request of it got no answer, so the platform may still carry it out. */
  readonly answered: boolean;
};

/** Oldest first. JSON, bounded. */
export type Writes = readonly Write[];

/** A quantity that one of our writes within this time set, or started from, is not attributed to anyone else. */
export const WRITES_KEPT_MS = 300_000;

/**
 * A request that got no answer is carried out within this time, or never: 1.5 times the 30 s after which Heroku's router
 * gives up a request. How long its API continues to work on one is not documented.
 */
export const LATE_WRITE_MS = 45_000;

/** More than Heroku's change budget allows within their time. On Kubernetes, ticks of a second or two may drop some earlier. */
export const MOST_WRITES = 128;

/** Those still kept. After the clock was set back they are not kept for longer. */
export function recentWrites(writes: Writes | undefined, at: number): Writes {
  return (writes ?? [])
    .map((write) => (write.at > at ? { ...write, at } : write))
    .filter((write) => at - write.at < WRITES_KEPT_MS)
    .slice(-MOST_WRITES);
}

/** Adds writes; of too many, the oldest are dropped. */
export function addWrites(writes: Writes, ...more: Writes): Writes {
  return [...writes, ...more].slice(-MOST_WRITES);
}

/** Whether a quantity may come from one of these, applied at once, late, twice, out of order or not at all. */
export function explains(writes: Writes, quantity: number): boolean {
  return writes.some(({ from, to }) => from === quantity || to === quantity);
}

/** The lowest and the highest quantity that a write without an answer may still set; Infinity and none where there is none. */
export function unansweredRange(
  writes: Writes | undefined,
  at: number,
): { readonly lowest: number; readonly highest: number | undefined } {
  const open = (writes ?? []).filter((write) => !write.answered && at - write.at < LATE_WRITE_MS);
  const quantities = open.map(({ to }) => to);
  return { lowest: Math.min(...quantities), highest: quantities.toSorted((a, b) => a - b).at(-1) };
}

/** Both lists as one, in the order sent. Of a write that both contain, the first list's version counts. */
export function mergeWrites(a: Writes | undefined, b: Writes | undefined): Writes {
  const byKey = new Map([...(b ?? []), ...(a ?? [])].map((write) => [`${write.at} ${write.to}`, write]));
  return [...byKey.values()].toSorted((x, y) => x.at - y.at).slice(-MOST_WRITES);
}
