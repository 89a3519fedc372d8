import type { Failure } from '../../failure.ts';

/** What a person mends is seen within two ticks; at this pace a refusal costs 360 of the account's 4,500 requests an hour. */
const REFUSED_MS = 10_000;

type Hold = { readonly failure: Failure; readonly untilMs: number };

/** Requests that were refused, and are not worth repeating at every tick. Times are monotonic ms. */
export class RequestBackoff {
  readonly #holds = new Map<string, Hold>();

  /** Why this request is not sent now; undefined: send it. */
  check(what: string, nowMs: number): Failure | undefined {
    const hold = this.#holds.get(what);
    if (hold !== undefined && nowMs < hold.untilMs) return hold.failure;
    this.#holds.delete(what);
    return undefined;
  }

  refuse(what: string, failure: Failure, nowMs: number, forMs = REFUSED_MS): void {
    this.#holds.set(what, { failure, untilMs: nowMs + forMs });
  }
}
