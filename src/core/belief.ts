/** A learned value, and since when and until when it is believed (both epoch ms). JSON. */
export type Belief<T> = { readonly value: T; readonly since: number; readonly until: number };

export function believe<T>(value: T, at: number, forMs: number): Belief<T> {
  return { value, since: at, until: at + forMs };
}

/**
 * The value while it is believed. Such a belief lasts `forMs` at most: one that claims to last longer was written by a
 * clock that was ahead, or by another client, and is not believed.
 */
export function believed<T>(belief: Belief<T> | undefined, at: number, forMs: number): T | undefined {
  return belief !== undefined && at < belief.until && belief.until <= at + forMs ? belief.value : undefined;
}
