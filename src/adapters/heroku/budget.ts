/** The account's requests as the last answer told of them. */
export type Budget = { readonly remaining: number; readonly multiplier: number };

/** A bucket of so many requests, refilled at so many an hour; an account's multiplier scales both. */
const REQUESTS_PER_HOUR = 4500;
/** Half belongs to the account's other users; of our half, half is for looking and half for changes. */
const SHARE_FOR_READING = 0.25;
const SHARE_FOR_CHANGES = 0.25;
/** Whether anything else goes on, the quantity as it is, and the write. */
const REQUESTS_PER_CHANGE = 4;
const OLDEST_READING_MS = 300_000;
const LONGEST_APART_MS = 300_000;
const MOST_CHANGES = 60;
const HOUR_MS = 3_600_000;

/**
 * How old a reading of the formation may be before it is read again, in ms: 3.2 s while the bucket is at least half
 * full, and longer in proportion as others empty it. `undefined`: nothing is known of the account yet.
 */
export function readingMayAgeMs(budget: Budget | undefined): number {
  const usualMs = HOUR_MS / (perHourOf(budget) * SHARE_FOR_READING);
  return Math.min(OLDEST_READING_MS, usualMs * Math.max(1, scarcityOf(budget)));
}

/** Changes that may follow one another at once, as monotonic time goes by. */
export type Allowance = { readonly changes: number; readonly atMs: number };

/**
 * What is allowed now. A burst may take 60 changes as they come; after them there is one in 12.8 s, which is what
 * their share of the requests comes to, and fewer in proportion as others empty the bucket.
 */
export function allowanceAt(
  before: Allowance | undefined,
  nowMs: number,
  budget: Budget | undefined,
): Allowance {
  if (before === undefined) return { changes: MOST_CHANGES, atMs: nowMs };
  const usualMs = (HOUR_MS * REQUESTS_PER_CHANGE) / (perHourOf(budget) * SHARE_FOR_CHANGES);
  const apartMs = Math.min(LONGEST_APART_MS, usualMs * Math.max(1, scarcityOf(budget)));
  const earned = (nowMs - before.atMs) / apartMs;
  return { changes: Math.min(MOST_CHANGES, before.changes + earned), atMs: nowMs };
}

function perHourOf(budget: Budget | undefined): number {
  return REQUESTS_PER_HOUR * (budget?.multiplier ?? 1);
}

/** Above 1 when less than half is left: by how much. */
function scarcityOf(budget: Budget | undefined): number {
  return budget === undefined ? 0 : perHourOf(budget) / 2 / Math.max(1, budget.remaining);
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
