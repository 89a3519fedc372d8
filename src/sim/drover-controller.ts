import type { ProcessTypeSettings } from '../config/settings.ts';
import { decidedOf, failureIn } from '../control/outcome.ts';
import { reconcile, type Carried } from '../control/reconcile.ts';
import { watchAfter } from '../control/watch.ts';
import type { Foresight, Ports } from '../ports.ts';
import { EPOCH_MS, type Controller, type SimulatedWatch } from './controller.ts';
import { simulationPorts, type WorkerKind } from './simulation-ports.ts';
import type { Simulation } from './simulation.ts';

export type DroverOptions = {
  readonly name: string;
  readonly settings: ProcessTypeSettings;
  readonly tickMs: number;
  readonly workers: WorkerKind;
  /** Absent: no burst is expected by the clock. */
  readonly foresight?: Foresight | undefined;
};

/** Drover itself: the daemon's `reconcile` on the simulation's ports. It keeps state, so each run needs its own. */
export function droverController({ name, settings, tickMs, workers, foresight }: DroverOptions): Controller {
  let ports: Ports | undefined;
  let carried: Carried;
  const never = new AbortController().signal;
  let watch: SimulatedWatch | undefined;
  return {
    get watch() {
      return watch;
    },
    name,
    everyMs: tickMs,
    min: settings.min,
    max: settings.max,
    async tick(simulation: Simulation) {
      ports ??= { ...simulationPorts(simulation, workers), ...(foresight ? { foresight } : {}) };
      const result = await reconcile({ ports, tickMs, signal: never }, [settings], carried);
      carried = result.carried;
      const [outcome] = result.tick.outcomes;
      const decided = outcome && decidedOf(outcome);
      if (!decided || failureIn(outcome)) throw new Error('the simulated tick failed');
      // The helpers take no jobs above what would be set if no job were running.
      if (workers === 'helper') simulation.drainAbove(decided.decision.limited);
      const sinceSlotMs = simulation.at % tickMs;
      const slotTimes = { early: sinceSlotMs > 0, untilSlotMs: tickMs - sinceSlotMs, shortestMs: tickMs };
      const working = workers === 'helper' ? decided.decision.limited : undefined;
      const tick = { ...result.tick, outcomes: [{ ...outcome, working }] };
      const next = watchAfter({ tick, carried }, [settings], slotTimes);
      watch = next && {
        ...next,
        needsTick: ({ at, queues }) => next.needsTick([queues.takeableByQueue(at)], EPOCH_MS + at),
      };
    },
  };
}
