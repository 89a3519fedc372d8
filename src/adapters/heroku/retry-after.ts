/** Seconds this large are a point in time: an older version of the API sent one, and no wait lasts 30 years. */
const EPOCH_SECONDS = 1_000_000_000;

/**
 * A `Retry-After` header as ms from when it was sent, never negative: seconds, an HTTP date or epoch seconds. Undefined
 * where it is none of these. `date` is the answer's own, as points in time are by the server's clock and ours may be
 * hours off; without it they are taken from `now` (epoch ms).
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
