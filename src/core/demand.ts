import type { QueueObservation } from './types.ts';

/** A queue's work, told apart by whether a dyno could take it. Counts are jobs. */
export type Demand = {
  readonly name: string;
  /** Could start now, had it a worker. Orphans are among them: a live worker recovers them. */
  readonly takeable: number;
  /** Will be takeable before a dyno started now could take its first job and the next tick has passed. */
  readonly upcoming: number;
  /** Being worked on. */
  readonly running: number;
  /** Most jobs of this queue that may run at once; absent: no limit. */
  readonly slotLimit?: number | undefined;
  /** The rate limiter lets nothing through at the moment: more dynos cannot help. */
  readonly throttled: boolean;
  readonly paused: boolean;
};

/**
 * Never `queue.count()`, which adds future delayed jobs and flow parents, and never `waiting` alone, which leaves a
 * due retry or scheduled job unseen: with no worker at all nothing moves it on, so a fleet at zero would never wake.
 */
export function demandOf(queue: QueueObservation): Demand {
  const orphaned = Math.min(queue.orphaned ?? 0, queue.active);
  const running = queue.active - orphaned;
  const takeable = queue.paused ? 0 : queue.waiting + queue.prioritized + queue.due + orphaned;
  const soon = queue.paused ? 0 : Math.max(0, queue.dueSoon - queue.due);
  return {
    name: queue.name,
    takeable,
    upcoming: soon,
    running,
    slotLimit: queue.concurrencyLimit,
    throttled: (queue.rateLimitedMs ?? 0) > 0,
    paused: queue.paused,
  };
}
