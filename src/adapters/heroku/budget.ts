/** The account's rate limit according to the last answer. */
export type Budget = { readonly remaining: number; readonly multiplier: number };

/** Heroku's limit and its hourly refill; an account's multiplier scales both. */
const REQUESTS_PER_HOUR = 4500;
/** Half is left to the account's other clients; of Drover's half, half is for readings and half for changes. */
const SHARE_FOR_READING = 0.25;
const SHARE_FOR_CHANGES = 0.25;
/** Two to look for a maintenance or a release, a reading and the PATCH. */
const REQUESTS_PER_CHANGE = 4;
const OLDEST_READING_MS = 300_000;
const LONGEST_APART_MS = 300_000;
const MOST_CHANGES = 60;
const HOUR_MS = 3_600_000;

/**
 * How old a reading of the formation may become before it is repeated, in ms: 3.2 s while the limit is at least half
 * unused, and longer in proportion as other clients use it up. `undefined`: nothing is known of the account yet. `apps`:
 * those that Drover scales under this limit, each of which gets an even part.
 */
export function readingMayAgeMs(budget: Budget | undefined, apps = 1): number {
  const usualMs = (HOUR_MS * apps) / (perHourOf(budget) * SHARE_FOR_READING);
  return Math.min(OLDEST_READING_MS, usualMs * Math.max(1, scarcityOf(budget)));
}

/** How many changes are allowed in a row, at a monotonic time. */
export type Allowance = { readonly changes: number; readonly atMs: number };

/**
 * The allowance now. 60 changes may follow each other without a pause; after that there is one every 12.8 s, which uses
 * exactly their share of the limit, and fewer in proportion as other clients use it up. Several apps get an even part each.
 */
export function allowanceAt(
  before: Allowance | undefined,
  nowMs: number,
  budget: Budget | undefined,
  apps = 1,
): Allowance {
  const most = Math.max(1, MOST_CHANGES / apps);
  if (before === undefined) return { changes: most, atMs: nowMs };
  const usualMs = (HOUR_MS * REQUESTS_PER_CHANGE * apps) / (perHourOf(budget) * SHARE_FOR_CHANGES);
  const apartMs = Math.min(LONGEST_APART_MS, usualMs * Math.max(1, scarcityOf(budget)));
  const earned = (nowMs - before.atMs) / apartMs;
  return { changes: Math.min(most, before.changes + earned), atMs: nowMs };
}

function perHourOf(budget: Budget | undefined): number {
  return REQUESTS_PER_HOUR * (budget?.multiplier ?? 1);
}

/** Half of the limit divided by what remains: above 1 when less than half remains. */
function scarcityOf(budget: Budget | undefined): number {
  return budget === undefined ? 0 : perHourOf(budget) / 2 / Math.max(1, budget.remaining);
}

/** The budget after an answer. Headers that are missing or not numbers change nothing. */
export function nextBudget(
  known: Budget | undefined,
  header: (name: string) => string | undefined,
): Budget | undefined {
  const remaining = numberOf(header('ratelimit-remaining'));
  if (remaining === undefined) return known;
  const multiplier = numberOf(header('ratelimit-multiplier')) ?? 1;
  return { remaining, multiplier: multiplier > 0 ? multiplier : 1 };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}
