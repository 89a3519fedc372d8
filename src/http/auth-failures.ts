/** No number of attempts finds a token of 16 random characters: these bounds protect one that a person made up. */
const MOST_PER_ADDRESS = 20;
const MOST_IN_TOTAL = 200;
const WINDOW_MS = 60_000;
/** How many of the addresses that sent the right token are remembered, the latest ones. */
const MOST_KNOWN = 100;

/**
 * Counts wrong tokens per minute. A client that guesses blocks only its own address. Many addresses that guess together
 * block those that never sent the right token, and no others; sessions always go on.
 */
export class AuthFailures {
  #since = -Infinity;
  #failures = new Map<string, number>();
  #total = 0;
  readonly #known = new Set<string>();

  /** Whether a token from this address is checked. One that is not checked is not counted, so the map stays small. */
  mayTry(address: string, at: number): boolean {
    // A clock that was set back must not make the window longer.
    if (at - this.#since >= WINDOW_MS || at < this.#since) this.#startWindow(at);
    if ((this.#failures.get(address) ?? 0) >= MOST_PER_ADDRESS) return false;
    return this.#total < MOST_IN_TOTAL || this.#known.has(address);
  }

  succeeded(address: string): void {
    this.#known.delete(address);
    this.#known.add(address);
    const [oldest] = this.#known;
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  /** The line to log, if any: the first failure of a minute and each bound reached, so that guessing cannot flood the log. */
  failed(address: string): string | undefined {
    const count = (this.#failures.get(address) ?? 0) + 1;
    this.#failures.set(address, count);
    this.#total += 1;
    if (this.#total === MOST_IN_TOTAL)
      return `${MOST_IN_TOTAL} wrong dashboard tokens within a minute: refusing addresses that never sent the right one until the minute ends`;
    if (count === MOST_PER_ADDRESS)
      return `${MOST_PER_ADDRESS} wrong dashboard tokens from ${address}: refusing it until the minute ends`;
    return this.#total === 1 ? `wrong dashboard token from ${address}` : undefined;
  }

  #startWindow(at: number): void {
    this.#since = at;
    this.#failures = new Map();
    this.#total = 0;
  }
}
