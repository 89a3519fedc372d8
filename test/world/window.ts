/** What was wanted of late. */
export class Window {
  readonly #wishes: { readonly at: number; readonly wanted: number }[] = [];

  /** The least, or the most, that was wanted within the last `forMs`; undefined while less than that has passed. */
  see(
    at: number,
    wanted: number,
    forMs: number,
    extreme: (a: number, b: number) => number,
  ): number | undefined {
    this.#wishes.push({ at, wanted });
    // The last one before the span counts: it was wanted when the span began.
    const from = this.#wishes.findLastIndex((wish) => wish.at <= at - forMs);
    if (from < 0) return undefined;
    return this.#wishes
      .slice(from)
      .map((wish) => wish.wanted)
      .reduce((a, b) => extreme(a, b));
  }

  /** For how long all that was wanted has been so. */
  lasts(at: number, is: (wanted: number) => boolean): number {
    const other = this.#wishes.findLastIndex(({ wanted }) => !is(wanted));
    const since = this.#wishes[other + 1]?.at;
    return since === undefined ? 0 : at - since;
  }
}
