import type { QueueObservation } from '../../core/types.ts';
import { EPOCH_MS, type Controller } from '../controller.ts';
import type { Simulation } from '../simulation.ts';

/** What an autoscaler can see at one moment. */
export type PeerReading = {
  /** Ms; only spans mean something. */
  readonly at: number;
  /** What the formation is set to. */
  readonly quantity: number;
  /** Dynos that are up. */
  readonly ready: number;
  readonly queues: readonly QueueObservation[];
};

/** What every peer is given alike. */
export type PeerOptions = { readonly min: number; readonly max: number };

/** A peer's rule: the quantity it wants next. It may remember, so each run needs its own. */
export type PeerRule = (seen: PeerReading) => number;

export function peerController(
  name: string,
  everyMs: number,
  { min, max }: PeerOptions,
  rule: PeerRule,
): Controller {
  return {
    name,
    everyMs,
    min,
    max,
    tick(world: Simulation) {
      const wanted = rule({
        at: world.at,
        quantity: world.workers.quantity,
        ready: world.workers.up,
        queues: world.observe(0, EPOCH_MS),
      });
      world.resize(Math.min(max, Math.max(min, wanted)));
    },
  };
}

export function sum(queues: readonly QueueObservation[], count: (queue: QueueObservation) => number): number {
  return queues.reduce((total, queue) => total + count(queue), 0);
}

/** Seconds that the job which waits longest has waited; 0 when none waits. */
export function latencySeconds({ at, queues }: PeerReading): number {
  const oldest = queues.reduce(
    (least, { oldestReadyAt = Infinity }) => Math.min(least, oldestReadyAt),
    Infinity,
  );
  return oldest === Infinity ? 0 : (EPOCH_MS + at - oldest) / 1000;
}
