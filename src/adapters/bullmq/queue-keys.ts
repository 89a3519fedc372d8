/** BullMQ's key names and scores, as far as reading needs them; a test compares them with BullMQ's own. */

/** The prefix of every key of a queue, including the last `:`. */
export function queueBase(prefix: string, queue: string): string {
  return `${prefix}:${queue}:`;
}

/**
 * The keys that prove that a queue exists, even when it is empty: every Queue that is opened writes `meta` (except with
 * `skipMetasUpdate`), the first job writes `id`. Both stay until the queue is obliterated.
 */
export const EXISTENCE_KEYS = ['meta', 'id'] as const;

/** A delayed job's score is its due time × 4096 plus a counter that orders the jobs of one millisecond. */
const DELAYED_SCORES_PER_MS = 4096;

/** The highest score of a delayed job that is due by `at` (epoch ms). */
export function dueScore(at: number): number {
  return (Math.floor(at) + 1) * DELAYED_SCORES_PER_MS - 1;
}

/** Epoch ms at which a delayed job with this score is due. */
export function dueAt(score: number): number {
  return Math.floor(score / DELAYED_SCORES_PER_MS);
}

/** The lowest score in the priority class of a prioritized job with this score. */
export function priorityClassScore(score: number): number {
  return Math.floor(score / PRIORITY_SCORES) * PRIORITY_SCORES;
}

/** A prioritized job's score is its priority × 2^32 plus a counter. */
const PRIORITY_SCORES = 2 ** 32;

/** The value that `queue.rateLimit(ms)` writes: the limiter is closed, whatever its maximum. */
export const LIMITER_CLOSED = Number.MAX_SAFE_INTEGER;
