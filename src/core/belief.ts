/** Something learned, from when on and until when it is believed (epoch ms, both). JSON. */
export type Belief<T> = { readonly value: T; readonly since: number; readonly until: number };

export function believe<T>(value: T, at: number, forMs: number): Belief<T> {
  return { value, since: at, until: at + forMs };
}

/**
 * The value while it is believed. `forMs` is how long such a belief lasts at most: one that claims to last longer comes
 * from a clock that was ahead, or from someone else's hand, and ends as if it had begun now.
 */
export function believed<T>(belief: Belief<T> | undefined, at: number, forMs: number): T | undefined {
  return belief !== undefined && at < belief.until && belief.until <= at + forMs ? belief.value : undefined;
}
