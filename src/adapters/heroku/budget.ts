/** The account's requests as the last answer told of them. */
export type Budget = { readonly remaining: number; readonly multiplier: number };

/** A bucket of so many requests, refilled at so many an hour; an account's multiplier scales both. */
const REQUESTS_PER_HOUR = 4500;
/** Half belongs to the account's other users; of our half, half is kept for changes, which cost two requests each. */
const SHARE_FOR_READING = 0.25;
const OLDEST_READING_MS = 300_000;

/**
 * How old a reading of the formation may be before it is read again, in ms: 3.2 s while the bucket is at least half
 * full, and longer in proportion as others empty it. `undefined`: nothing is known of the account yet.
 */
export function readingMayAgeMs(budget: Budget | undefined): number {
  const { remaining, multiplier } = budget ?? { remaining: REQUESTS_PER_HOUR, multiplier: 1 };
  const perHour = REQUESTS_PER_HOUR * multiplier;
  const usualMs = 3_600_000 / (perHour * SHARE_FOR_READING);
  const scarcity = Math.max(1, perHour / 2 / Math.max(1, remaining));
  return Math.min(OLDEST_READING_MS, usualMs * scarcity);
}

/** Headers that are missing or no numbers leave what was known. */
export function nextBudget(
  known: Budget | undefined,
  header: (name: string) => string | undefined,
): Budget | undefined {
  const remaining = count(header('ratelimit-remaining'));
  if (remaining === undefined) return known;
  const multiplier = count(header('ratelimit-multiplier')) ?? 1;
  return { remaining, multiplier: multiplier > 0 ? multiplier : 1 };
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}
