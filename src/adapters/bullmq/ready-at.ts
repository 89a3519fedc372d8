import { numberOf } from './decode-row.ts';

/** Options longer than this are not looked into: they hold more than a delay. Bytes, as Redis counts them. */
export const LONGEST_OPTIONS = 8_192;

/**
 * Epoch ms since when a waiting job could have been taken: when it was added, plus the delay it was added with (the
 * hash's own `delay` is reset when the job becomes due), or its last attempt, whichever is later. A retry after a
 * backoff looks older than it is by that backoff. Null when the hash is gone or is none. `job` is the hash's
 * `timestamp`, `processedOn` and `opts`.
 */
export function readyAt(job: unknown): number | null {
  if (!Array.isArray(job)) return null;
  const addedAt = numberOf(job[0]);
  if (addedAt === null) return null;
  return Math.floor(Math.max(addedAt + delayOf(job[2]), numberOf(job[1]) ?? 0));
}

function delayOf(options: unknown): number {
  if (typeof options !== 'string' || options.length > LONGEST_OPTIONS || !options.includes('"delay"'))
    return 0;
  try {
    const decoded: unknown = JSON.parse(options);
    if (typeof decoded !== 'object' || decoded === null || !('delay' in decoded)) return 0;
    return typeof decoded.delay === 'number' ? decoded.delay : 0;
  } catch {
    return 0;
  }
}

/** The earliest of those that are known; null when none is. */
export function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
