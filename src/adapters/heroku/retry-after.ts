/** Seconds this large are a point in time: an older version of the API sent one, and no wait lasts 30 years. */
const EPOCH_SECONDS = 1_000_000_000;

/**
 * A `Retry-After` header as ms from `now` (epoch ms), never negative: seconds, an HTTP date or epoch seconds. Undefined
 * where it is none of these.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const seconds = Number(text);
    return Math.max(0, seconds >= EPOCH_SECONDS ? seconds * 1000 - now : seconds * 1000);
  }
  const date = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
