/**
 * The two keys by which the clock and the workers of one process type talk. The braces keep them on one node of a
 * cluster.
 */
export function crewKeys(
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
export type Order = {
  readonly epoch: string;
  readonly limit: number;
  /** Since when this epoch has stood: epoch ms by Redis. */
  readonly since: number;
  /** For how long, from its last reading, a worker that can read no more goes by it. */
  readonly forMs: number;
};

/** What one worker process says of itself: JSON in a hash, one field per process, behind the Redis time it came at. */
export type Report = {
  readonly dyno: string;
  /** The epoch under which it rests: it takes no job, and none of those it had is running. Absent: it works. */
  readonly resting?: string | undefined;
  /** Jobs that all its workers together run at once. */
  readonly concurrency: number;
  /** Epoch ms by its own clock: the start of the process, and when it first could take jobs (absent: not yet). */
  readonly bootedAt: number;
  readonly readyAt?: number | undefined;
};

/** A report nobody has renewed for so long is cleared away. */
export const REPORTS_EXPIRY_MS = 600_000;

/** More processes than any formation has; what is beyond is not taken in. */
export const MOST_REPORTS = 1000;

/** The order as it was written, or undefined for anything else: what cannot be read asks for nothing. */
export function parseOrder(text: string | null): Order | undefined {
  const value = parseRecord(text);
  const { epoch, limit, since, forMs } = value ?? {};
  if (typeof epoch !== 'string' || !isCount(limit) || !isCount(since) || !isCount(forMs)) return undefined;
  return { epoch, limit, since, forMs };
}

/** A report and the Redis time (epoch ms) it came at; undefined for anything a worker would not have written. */
export function parseReport(text: string): { readonly at: number; readonly report: Report } | undefined {
  const gap = text.indexOf(' ');
  const at = Number(text.slice(0, gap));
  const value = parseRecord(text.slice(gap + 1));
  const { dyno, resting, concurrency, bootedAt, readyAt } = value ?? {};
  if (gap < 1 || !isCount(at) || typeof dyno !== 'string' || !isCount(concurrency)) return undefined;
  if (!isCount(bootedAt) || (readyAt !== undefined && !isCount(readyAt))) return undefined;
  if (resting !== undefined && typeof resting !== 'string') return undefined;
  return { at, report: { dyno, resting, concurrency, bootedAt, readyAt } };
}

function parseRecord(text: string | null): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
