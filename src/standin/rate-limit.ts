/** As recorded: a bucket of 4500, one taken by each request, and 75 put back once a minute, not continuously. */
const BUCKET = 4500;
const REFILL = 75;
const REFILL_EVERY_MS = 60_000;

/** The account's rate limit. `now` is epoch ms; `multiplier` scales the bucket and its refill. */
export class RateLimit {
  readonly multiplier: number;
  #remaining: number;
  #refilledAt: number;
  readonly #now: () => number;

  constructor(now: () => number, multiplier = 1) {
    this.#now = now;
    this.multiplier = multiplier;
    this.#remaining = BUCKET * multiplier;
    this.#refilledAt = now();
  }

  get remaining(): number {
    const refills = Math.max(0, Math.floor((this.#now() - this.#refilledAt) / REFILL_EVERY_MS));
    this.#refilledAt += refills * REFILL_EVERY_MS;
    this.#remaining = Math.min(
      BUCKET * this.multiplier,
      this.#remaining + refills * REFILL * this.multiplier,
    );
    return this.#remaining;
  }

  set remaining(count: number) {
    this.#remaining = count;
    this.#refilledAt = this.#now();
  }

  /** Takes one request; false if none is left. */
  take(): boolean {
    if (this.remaining < 1) return false;
    this.#remaining -= 1;
    return true;
  }
}
