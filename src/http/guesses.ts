/** A token of 16 random characters outlasts any number of guesses; these bounds are for one that a person made up. */
const MOST_PER_ADDRESS = 20;
const MOST_TOGETHER = 200;
const WINDOW_MS = 60_000;
/** Addresses that have shown the token, the latest of them. */
const MOST_KNOWN = 100;

/**
 * Counts wrong tokens. A client that guesses shuts out only its own address. Many that guess together shut out addresses
 * that have not yet shown the token, and no other: one that has remains free to try, as does every session.
 */
export class Guesses {
  #since = -Infinity;
  #wrong = new Map<string, number>();
  #together = 0;
  readonly #known = new Set<string>();

  /** Whether a token from there is looked at. What is not looked at counts as no guess, so the map stays small. */
  mayTry(address: string, at: number): boolean {
    // A clock that was set back must not make the window longer.
    if (at - this.#since >= WINDOW_MS || at < this.#since) this.#begin(at);
    if ((this.#wrong.get(address) ?? 0) >= MOST_PER_ADDRESS) return false;
    return this.#together < MOST_TOGETHER || this.#known.has(address);
  }

  right(address: string): void {
    this.#known.delete(address);
    this.#known.add(address);
    const [oldest] = this.#known;
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  /** What there is to log: the first in a minute, and when a bound is reached. A flood of guesses is no flood of lines. */
  wrong(address: string): string | undefined {
    const count = (this.#wrong.get(address) ?? 0) + 1;
    this.#wrong.set(address, count);
    this.#together += 1;
    if (this.#together === MOST_TOGETHER)
      return `${MOST_TOGETHER} wrong dashboard tokens in a minute: until it is over, an address that never showed the right one is refused`;
    if (count === MOST_PER_ADDRESS)
      return `${MOST_PER_ADDRESS} wrong dashboard tokens from ${address}: refused for a minute`;
    return this.#together === 1 ? `a wrong dashboard token from ${address}` : undefined;
  }

  #begin(at: number): void {
    this.#since = at;
    this.#wrong = new Map();
    this.#together = 0;
  }
}
