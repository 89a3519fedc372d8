/** BullMQ's key names and scores, as far as a reader needs them; a test holds them to BullMQ's own. */

/** What every key of a queue starts with, the last `:` included. */
export function queueBase(prefix: string, queue: string): string {
  return `${prefix}:${queue}:`;
}

/**
 * The keys that say a queue exists, even when it is empty: `meta` is written by every Queue that is opened (but with
 * `skipMetasUpdate`), `id` by the first job. Neither goes away unless the queue is obliterated.
 */
export const EXISTENCE_KEYS = ['meta', 'id'] as const;

/** A delayed job's score is its due time × 4096 plus a counter that keeps the order within a millisecond. */
const DELAYED_SCORES_PER_MS = 4096;

/** The highest score of a delayed job that is due by `at` (epoch ms). */
export function dueScore(at: number): number {
  return (Math.floor(at) + 1) * DELAYED_SCORES_PER_MS - 1;
}

/** Epoch ms at which the delayed job of this score is due. */
export function dueAt(score: number): number {
  return Math.floor(score / DELAYED_SCORES_PER_MS);
}

/** The lowest score of the priority class that the given prioritized job belongs to. */
export function priorityClassScore(score: number): number {
  return Math.floor(score / PRIORITY_SCORES) * PRIORITY_SCORES;
}

/** A prioritized job's score is its priority × 2^32 plus a counter. */
const PRIORITY_SCORES = 2 ** 32;

/** What a limiter is set to by `queue.rateLimit(ms)`: closed, whatever its maximum. */
export const LIMITER_CLOSED = Number.MAX_SAFE_INTEGER;
