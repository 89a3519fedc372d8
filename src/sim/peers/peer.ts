import type { QueueObservation } from '../../core/types.ts';
import { EPOCH_MS, type Controller } from '../controller.ts';
import type { Simulation } from '../simulation.ts';

/** What an autoscaler can read at one moment. */
export type PeerReading = {
  /** Ms since an arbitrary moment. */
  readonly at: number;
  /** The quantity that is set. */
  readonly quantity: number;
  /** Workers that are up. */
  readonly ready: number;
  readonly queues: readonly QueueObservation[];
};

/** The bounds, the same for every peer. */
export type PeerOptions = { readonly min: number; readonly max: number };

/** A peer's rule: the next quantity. It may keep state, so each run needs its own. */
export type PeerRule = (reading: PeerReading) => number;

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
    tick(simulation: Simulation) {
      const desired = rule({
        at: simulation.at,
        quantity: simulation.workers.quantity,
        ready: simulation.workers.upCount,
        queues: simulation.observe(0, EPOCH_MS),
      });
      simulation.resize(Math.min(max, Math.max(min, desired)));
    },
  };
}

/** How long the oldest waiting job has waited, s; 0 when none waits. */
export function latencySeconds({ at, queues }: PeerReading): number {
  const oldest = queues.reduce(
    (earliest, { oldestReadyAt = Infinity }) => Math.min(earliest, oldestReadyAt),
    Infinity,
  );
  return oldest === Infinity ? 0 : (EPOCH_MS + at - oldest) / 1000;
}
