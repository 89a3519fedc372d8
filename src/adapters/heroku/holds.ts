import type { Failure } from '../../failure.ts';

const FIRST_HOLD_MS = 10_000;
const LONGEST_HOLD_MS = 300_000;

type Hold = { readonly failure: Failure; readonly untilMs: number; readonly lastedMs: number };

/**
 * Requests that are not worth repeating at every tick: what is refused for good is asked for again after 10 s, 20 s, …
 * up to 5 min. Times are monotonic ms.
 */
export class Holds {
  readonly #holds = new Map<string, Hold>();

  /** Why this is not asked now; undefined: ask. */
  check(what: string, nowMs: number): Failure | undefined {
    const hold = this.#holds.get(what);
    return hold !== undefined && nowMs < hold.untilMs ? hold.failure : undefined;
  }

  /** `forMs` absent: twice as long as last time. */
  refuse(what: string, failure: Failure, nowMs: number, forMs?: number): void {
    const before = this.#holds.get(what)?.lastedMs ?? FIRST_HOLD_MS / 2;
    const lastedMs = forMs ?? Math.min(LONGEST_HOLD_MS, before * 2);
    this.#holds.set(what, { failure, untilMs: nowMs + lastedMs, lastedMs });
  }

  allow(what: string): void {
    this.#holds.delete(what);
  }
}
