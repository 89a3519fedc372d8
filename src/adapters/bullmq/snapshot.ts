import type { QueueObservation } from '../../core/types.ts';
import { LIMITER_CLOSED } from './queue-keys.ts';

/** One queue to read. Delayed jobs due within `horizonMs` of now count as due soon. */
export type QueueRequest = { readonly queue: string; readonly horizonMs: number };

/** The raw fields of one queue at one instant, as every reader delivers them. Counts are jobs; null: not there. */
export type Snapshot = {
  readonly wait: number;
  /** Where BullMQ 5 keeps the waiting jobs of a paused queue; 0 where it is not paused. */
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
  /** As PTTL answers: negative without an expiry. */
  readonly limiterTtlMs: number;
  /** Epoch ms. */
  readonly oldestReadyAt: number | null;
  /** The last job that was completed and is still kept; null too where nothing runs or nothing waits. */
  readonly lastRun: { readonly endedAt: number; readonly tookMs: number } | null;
  readonly sample: ActiveSample;
  /** Whether any key of the queue exists. */
  readonly exists: boolean;
};

/** Active jobs looked at one by one, the oldest first: where a list is long, those at its old end. */
export type ActiveSample = {
  readonly looked: number;
  /** Whether these are all of them. */
  readonly complete: boolean;
  /** Without a lock: nobody works on them. */
  readonly orphaned: number;
  /** With a lock, by the name of the worker; null: it has none. */
  readonly holders: ReadonlyMap<string | null, number>;
};

/** What the counts mean. Null when the queue does not exist. */
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

/** What shows of a limiter: of one that is closed by hand, nothing but that. */
function limiterOf(seen: Snapshot): QueueObservation['limiter'] {
  const { limiterMax: max, limiterDurationMs: durationMs } = seen;
  const leftMs = Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, seen.limiterTtlMs));
  const begun = leftMs === 0 ? 0 : (seen.limiterCount ?? 0);
  if (max !== null && durationMs !== null && durationMs > 0)
    return { begun: Math.min(begun, max), leftMs, max, durationMs };
  return begun === 0 || begun >= LIMITER_CLOSED ? undefined : { begun, leftMs };
}

/**
 * How long the limiter lets nothing through. A limit of the queue has its maximum in Redis. One that is set on the
 * workers leaves only its counter there: it is taken for closed when jobs wait and none runs although the window is
 * open, which misses a closed one while long jobs still run, and never slows a fleet whose workers are simply full.
 */
function closedForMs(seen: Snapshot, takeable: number): number {
  const ttlMs = Math.max(0, seen.limiterTtlMs);
  const count = seen.limiterCount ?? 0;
  if (ttlMs === 0 || count === 0) return 0;
  if (count >= LIMITER_CLOSED) return ttlMs;
  if (seen.limiterMax !== null) return count >= seen.limiterMax ? ttlMs : 0;
  return takeable > 0 && seen.active === 0 ? ttlMs : 0;
}
