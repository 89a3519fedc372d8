import type { QueueObservation } from './types.ts';

/** A queue's work, split by what a worker could do about it. Counts are jobs. */
export type Demand = {
  readonly name: string;
  /** Could start now if it had a worker, were the queue not paused. Includes orphans: a live worker recovers them. */
  readonly ready: number;
  /** Will become ready before a worker started now could take a job and the next tick has passed, pause aside. */
  readonly dueLater: number;
  /** `ready` and `dueLater` as far as workers may take them: 0 while the queue is paused. */
  readonly takeable: number;
  readonly upcoming: number;
  /** Running on a worker. */
  readonly running: number;
  /** Most jobs of this queue that may run at once; Infinity: no limit. */
  readonly slotLimit: number;
  /** The rate limiter lets nothing through at the moment: more workers cannot help. */
  readonly throttled: boolean;
};

/**
 * Never `queue.count()`, which adds future delayed jobs and flow parents, and never `waiting` alone, which misses due
 * retries and scheduled jobs: only a worker promotes those, so a process type at zero would never wake.
 */
export function demandOf(queue: QueueObservation): Demand {
  const orphaned = Math.min(queue.orphaned ?? 0, queue.active);
  const ready = queue.waiting + queue.prioritized + queue.due + orphaned;
  const dueLater = Math.max(0, queue.dueSoon - queue.due);
  return {
    name: queue.name,
    ready,
    dueLater,
    takeable: queue.paused ? 0 : ready,
    upcoming: queue.paused ? 0 : dueLater,
    running: queue.active - orphaned,
    slotLimit: queue.concurrencyLimit ?? Infinity,
    throttled: (queue.rateLimitedMs ?? 0) > 0,
  };
}
