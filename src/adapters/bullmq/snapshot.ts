import type { QueueObservation } from '../../core/types.ts';
import { LIMITER_CLOSED } from './queue-keys.ts';

/** One queue to read. Delayed jobs due within `horizonMs` of now count as due soon. */
export type QueueRequest = { readonly queue: string; readonly horizonMs: number };

/** The raw fields of one queue at one instant, the same from both readers. Counts are jobs; null: missing. */
export type Snapshot = {
  readonly wait: number;
  /** Where BullMQ 5 keeps the waiting jobs of a paused queue; 0 for a queue that is not paused. */
  readonly pausedJobs: number;
  readonly prioritized: number;
  readonly due: number;
  readonly dueSoon: number;
  readonly delayed: number;
  readonly active: number;
  readonly waitingChildren: number;
  readonly added: number | null;
  readonly paused: boolean;
  readonly concurrency: number | null;
  readonly limiterMax: number | null;
  readonly limiterDurationMs: number | null;
  readonly limiterCount: number | null;
  /** The reply of PTTL: negative without an expiry. */
  readonly limiterTtlMs: number;
  /** Epoch ms. */
  readonly oldestReadyAt: number | null;
  /** The last completed job that is still kept; read only while jobs run and wait, else null. */
  readonly lastRun: { readonly endedAt: number; readonly tookMs: number } | null;
  readonly sample: ActiveSample;
  /** Whether any key of the queue exists. */
  readonly exists: boolean;
};

/** The active jobs that were inspected one by one: of a long list the oldest. */
export type ActiveSample = {
  readonly looked: number;
  /** Whether all active jobs were inspected. */
  readonly complete: boolean;
  /** Jobs without a lock: no worker is running them. */
  readonly orphaned: number;
  /** Jobs with a lock by the name of their worker; null: unnamed workers. */
  readonly holders: ReadonlyMap<string | null, number>;
};

/** The observation that the fields amount to; null when the queue does not exist. */
export function observe(name: string, seen: Snapshot): QueueObservation | null {
  if (!seen.exists) return null;
  const waiting = seen.wait + (seen.paused ? seen.pausedJobs : 0);
  const takeable = seen.paused ? 0 : waiting + seen.prioritized + seen.due;
  const rateLimitedMs = closedForMs(seen, takeable);
  const limiter = limiterOf(seen);
  return {
    name,
    waiting,
    prioritized: seen.prioritized,
    due: seen.due,
    dueSoon: seen.dueSoon,
    active: seen.active,
    added: seen.added ?? 0,
    paused: seen.paused,
    delayed: seen.delayed,
    waitingChildren: seen.waitingChildren,
    ...(seen.active > 0 && seen.sample.looked === 0 ? {} : { orphaned: seen.sample.orphaned }),
    ...(seen.oldestReadyAt === null || takeable === 0 ? {} : { oldestReadyAt: seen.oldestReadyAt }),
    ...(seen.lastRun === null ? {} : { lastRun: seen.lastRun }),
    ...(seen.concurrency === null ? {} : { concurrencyLimit: seen.concurrency }),
    ...(rateLimitedMs === 0 ? {} : { rateLimitedMs }),
    ...(limiter === undefined ? {} : { limiter }),
  };
}

/** The limiter as far as Redis shows it. One that `queue.rateLimit` closed shows neither window nor maximum. */
function limiterOf(seen: Snapshot): QueueObservation['limiter'] {
  const { limiterMax: max, limiterDurationMs: durationMs } = seen;
  const leftMs = Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, seen.limiterTtlMs));
  const begun = leftMs === 0 ? 0 : (seen.limiterCount ?? 0);
  if (max !== null && durationMs !== null && durationMs > 0)
    return { begun: Math.min(begun, max), leftMs, max, durationMs };
  return begun === 0 || begun >= LIMITER_CLOSED ? undefined : { begun, leftMs };
}

/**
 * How long the limiter starts no job. A limit set on the queue has its maximum in Redis. One set on the workers has only
 * its counter there, so it counts as closed when jobs wait, none is active and its window is open. This misses a closed
 * limiter while long jobs are still active, but never mistakes busy workers for rate-limited ones.
 */
function closedForMs(seen: Snapshot, takeable: number): number {
  const ttlMs = Math.max(0, seen.limiterTtlMs);
  const count = seen.limiterCount ?? 0;
  if (ttlMs === 0 || count === 0) return 0;
  if (count >= LIMITER_CLOSED) return ttlMs;
  if (seen.limiterMax !== null) return count >= seen.limiterMax ? ttlMs : 0;
  return takeable > 0 && seen.active === 0 ? ttlMs : 0;
}
