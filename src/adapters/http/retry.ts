import type { Failure } from '../../failure.ts';

/** Delays before the second and the third attempt; there is no fourth. */
const RETRY_DELAYS_MS: readonly number[] = [300, 1_000];
/** After a longer `Retry-After` the request is left to a later tick. */
export const LONGEST_RETRY_AFTER_MS = 5_000;

/**
 * How long to wait before the next attempt after so many retries; `retryInMs` is what the server asked for (0: nothing).
 * Undefined: not within this tick.
 */
export function retryDelayMs(retryInMs: number, retries: number): number | undefined {
  const usualMs = RETRY_DELAYS_MS[retries];
  return usualMs === undefined || retryInMs > LONGEST_RETRY_AFTER_MS
    ? undefined
    : Math.max(usualMs, retryInMs);
}

/** Numbers this large are a point in time: an older version of the API sent one, and no wait lasts 30 years. */
const EPOCH_SECONDS = 1_000_000_000;

/**
 * A `Retry-After` header in ms after it was sent, never negative: seconds, an HTTP date or epoch seconds. Undefined if it
 * is none of these. `date` is the header of the same answer: a point in time is by the server's clock, and ours may be
 * hours off. Without it, `now` (epoch ms) is used.
 */
export function retryAfterMs(
  header: string | undefined,
  date: string | undefined,
  now: number,
): number | undefined {
  const sentAt = httpDate(date) ?? now;
  const text = header?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const seconds = Number(text);
    return Math.max(0, seconds >= EPOCH_SECONDS ? seconds * 1000 - sentAt : seconds * 1000);
  }
  const until = httpDate(text);
  return until === undefined ? undefined : Math.max(0, until - sentAt);
}

function httpDate(text: string | undefined): number | undefined {
  const at = /^[A-Z][a-z]{2}, /.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** A correction is noticed within two ticks, and a refusal costs at most 360 of the account's 4,500 requests an hour. */
const REFUSED_MS = 10_000;

type Paused = { readonly failure: Failure; readonly untilMs: number };

/** Requests that were refused and are paused for a while, each under a key. Times are monotonic ms. */
export class RequestBackoff {
  readonly #paused = new Map<string, Paused>();

  /** Why this request is paused; undefined: it may be sent. */
  check(key: string, nowMs: number): Failure | undefined {
    const paused = this.#paused.get(key);
    if (paused !== undefined && nowMs < paused.untilMs) return paused.failure;
    this.#paused.delete(key);
    return undefined;
  }

  pause(key: string, failure: Failure, nowMs: number, forMs = REFUSED_MS): void {
    this.#paused.set(key, { failure, untilMs: nowMs + forMs });
  }
}
