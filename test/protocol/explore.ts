export type Explored = {
  readonly states: number;
  readonly found?: string;
  /** Every state by its key, with the key of the one before it. */
  readonly seen: ReadonlyMap<string, string>;
};

/** A model of the protocol. */
export type Model<S> = {
  readonly starts: readonly S[];
  /** Everything that may happen next. */
  readonly successors: (state: S) => readonly S[];
  /** Equal for states that need not be told apart. */
  readonly keyOf: (state: S) => string;
  /** The state without what `wrong` does not look at. */
  readonly settled: (state: S) => S;
  /** What is wrong with a settled state, if anything is. */
  readonly wrong: (state: S) => string | undefined;
};

/** Visits every state that can be reached, the nearest first, until one is wrong. */
export function exploreModel<S>({ starts, successors, keyOf, settled, wrong }: Model<S>): Explored {
  const seen = new Map(starts.map((start) => [keyOf(start), '']));
  const reached = [...starts];
  const checked = new Set<string>();
  for (const state of reached) {
    const quiet = settled(state);
    const quietKey = keyOf(quiet);
    const found = checked.has(quietKey) ? undefined : wrong(quiet);
    checked.add(quietKey);
    if (found !== undefined) return { states: seen.size, found, seen };
    const own = keyOf(state);
    for (const next of successors(state)) {
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.set(key, own);
      reached.push(next);
    }
  }
  return { states: seen.size, seen };
}
