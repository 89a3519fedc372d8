import { MOST_CONCURRENCY } from '../core/drain.ts';

/**
 * The two keys by which the clock and the workers of one process type talk. The braces keep them on one node of a
 * cluster.
 */
export function workerKeys(
  app: string,
  processType: string,
): { readonly order: string; readonly reports: string } {
  const base = `drover:{${app}}:crew:${processType}`;
  return { order: `${base}:order`, reports: `${base}:reports` };
}

/**
 * What the clock asks of a process type: dynos numbered above `limit` take no more jobs. Kept as JSON in a string that
 * expires, and with it the wish. `epoch` is a new word whenever the limit was raised or the order had lapsed, so a dyno
 * that says it rests under an epoch has rested ever since.
 */
export type StoredDrainRequest = {
  readonly epoch: string;
  readonly limit: number;
  /** Since when this epoch has stood: epoch ms by Redis. */
  readonly since: number;
  /** For how long, from its last reading, a worker that can read no more goes by it. */
  readonly forMs: number;
};

/** What one worker process says of itself: JSON in a hash, one field per process, behind the Redis time it came at. */
export type StoredReport = {
  readonly dyno: string;
  /** The name of the container: the processes of one dyno share it, and the dyno that takes its place has another. */
  readonly host?: string | undefined;
  /** The epoch under which it rests: it takes no job, and none of those it had is running. Absent: it works. */
  readonly resting?: string | undefined;
  /** Jobs that all its workers together run at once. */
  readonly concurrency: number;
  /**
   * Epoch ms by its own clock: the start of the process; when it first could take jobs, or could have, had it not been
   * asked to rest (absent: not yet); and now.
   */
  readonly bootedAt: number;
  readonly readyAt?: number | undefined;
  readonly sentAt?: number | undefined;
};

/** A report nobody has renewed for so long is cleared away. */
export const REPORTS_EXPIRY_MS = 600_000;

/** More processes than any formation has; what is beyond is not taken in. */
export const MOST_REPORTS = 1000;

/**
 * Shorter than any order is good for: a process that waits that long for Redis works again, whatever it had said. Also
 * the most by which one Redis node's clock may run ahead of the next one's.
 */
export const LATE_REPORT_MS = 5000;

/** A value, or one word in it, that is longer was not written by a worker or a clock. */
export const LONGEST_TEXT = 4000;
const LONGEST_NAME = 255;

/** The last instant that a Date can hold, the highest number a formation can have, and the longest time of a timer. */
const LAST_INSTANT = 8.64e15;
const HIGHEST_LIMIT = 100_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The order as it was written, or undefined for anything else: what cannot be read asks for nothing. */
export function parseDrainRequest(text: string | null): StoredDrainRequest | undefined {
  const { epoch, limit, since, forMs } = parseRecord(text ?? '') ?? {};
  if (!isName(epoch) || !isCount(limit, HIGHEST_LIMIT)) return undefined;
  if (!isCount(since, LAST_INSTANT) || !isCount(forMs, LONGEST_TIMER_MS)) return undefined;
  return { epoch, limit, since, forMs };
}

/** A report and the Redis time (epoch ms) it came at; undefined for anything a worker would not have written. */
export function parseReport(
  text: string,
): { readonly at: number; readonly report: StoredReport } | undefined {
  const gap = text.indexOf(' ');
  const at = Number(text.slice(0, gap));
  const value = parseRecord(text.slice(gap + 1)) ?? {};
  const { dyno, host, resting, concurrency, bootedAt, readyAt, sentAt } = value;
  if (gap < 1 || !isCount(at, LAST_INSTANT) || !isName(dyno)) return undefined;
  if (host !== undefined && !isName(host)) return undefined;
  if (resting !== undefined && !isName(resting)) return undefined;
  if (!isCount(concurrency, MOST_CONCURRENCY) || concurrency < 1) return undefined;
  if (!isCount(bootedAt, LAST_INSTANT)) return undefined;
  if (readyAt !== undefined && !isCount(readyAt, LAST_INSTANT)) return undefined;
  if (sentAt !== undefined && !isCount(sentAt, LAST_INSTANT)) return undefined;
  return { at, report: { dyno, host, resting, concurrency, bootedAt, readyAt, sentAt } };
}

function parseRecord(text: string): Record<string, unknown> | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME;
}

function isCount(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most;
}
