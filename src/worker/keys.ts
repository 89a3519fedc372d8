import { MOST_CONCURRENCY } from '../core/drain.ts';

/**
 * The two keys through which the clock and the workers of one process type communicate. The braces keep them on one node
 * of a cluster. Key names and JSON field names are a contract between different versions of Drover in one app: the clock
 * and the workers are deployed separately. They keep their names (`crew`, `order`, `resting`, …) whatever the code calls
 * the same thing.
 */
export function workerKeys(
  app: string,
  processType: string,
): { readonly request: string; readonly reports: string } {
  const base = `drover:{${app}}:crew:${processType}`;
  return { request: `${base}:order`, reports: `${base}:reports` };
}

/**
 * The clock's drain request to a process type: workers numbered above `limit` take no more jobs, or, where it has names,
 * exactly those. It is JSON in a string that expires. `epoch` is a new random name whenever a worker was called back or
 * the request had expired, so a worker that reports itself drained under an epoch has been drained since the epoch began.
 */
export type StoredDrainRequest = {
  readonly epoch: string;
  /** By the workers' own numbers: 3 for `worker.3`, and for `worker-2`, which is the third. */
  readonly limit: number;
  /** On a platform that does not number workers. */
  readonly names?: readonly string[] | undefined;
  /** When this epoch began: epoch ms by Redis. */
  readonly since: number;
  /** How long a worker that cannot reach Redis follows the request, from its last reading. */
  readonly forMs: number;
};

/** The report of one worker process: JSON in a hash, one field per process, after the Redis time it arrived at. */
export type StoredReport = {
  readonly dyno: string;
  /** The container's name: the processes of one dyno share it, and the dyno that replaces it has another. */
  readonly host?: string | undefined;
  /** The epoch under which it is drained: it takes no job and runs none. Absent: it is not drained. */
  readonly resting?: string | undefined;
  /** Jobs that all workers of the process together run at once. */
  readonly concurrency: number;
  /**
   * Epoch ms by its own clock: the start of the process; when it was first ready to take jobs, even if a drain request
   * kept it from taking any (absent: not yet); and when it sent the report.
   */
  readonly bootedAt: number;
  readonly readyAt?: number | undefined;
  readonly sentAt?: number | undefined;
};

/** A report that was not renewed for this long is deleted. */
export const REPORTS_EXPIRY_MS = 600_000;

/** More processes than any formation has. Further reports are ignored. */
export const MOST_REPORTS = 1000;

/**
 * A report that reaches Redis later than this after it was sent is dropped: its process may have resumed since. Shorter
 * than the `forMs` of any drain request. Also the most by which one Redis node's clock may run ahead of another's.
 */
export const LATE_REPORT_MS = 5000;

/** Neither a worker nor a clock writes a longer value, or a longer name within it. */
export const LONGEST_TEXT = 4000;
const LONGEST_NAME = 255;

/** The last instant of a Date, a number above any formation's, and the longest delay of a timer. */
const LAST_INSTANT = 8.64e15;
const HIGHEST_LIMIT = 100_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The drain request; undefined for anything the clock would not have written, which has no effect. */
export function parseDrainRequest(text: string | null): StoredDrainRequest | undefined {
  const { epoch, limit, names, since, forMs } = parseRecord(text ?? '') ?? {};
  if (!isName(epoch) || !isCount(limit, HIGHEST_LIMIT)) return undefined;
  if (names !== undefined && !isNames(names)) return undefined;
  if (!isCount(since, LAST_INSTANT) || !isCount(forMs, LONGEST_TIMER_MS)) return undefined;
  return { epoch, limit, ...(names === undefined ? {} : { names }), since, forMs };
}

/** A report and the Redis time (epoch ms) it arrived at; undefined for anything a worker would not have written. */
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

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isName);
}

function isCount(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most;
}
