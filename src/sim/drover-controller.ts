import type { ProcessTypeSettings } from '../config/settings.ts';
import { decidedOf, failureIn } from '../control/outcome.ts';
import { reconcile, type Carried } from '../control/reconcile.ts';
import type { Ports } from '../ports.ts';
import type { Controller } from './controller.ts';
import { simulationPorts, type WorkerKind } from './simulation-ports.ts';
import type { Simulation } from './simulation.ts';

export type DroverOptions = {
  readonly name: string;
  readonly settings: ProcessTypeSettings;
  readonly tickMs: number;
  readonly workers: WorkerKind;
};

/** Drover itself: the daemon's `reconcile` on the simulation's ports. It keeps state, so each run needs its own. */
export function droverController({ name, settings, tickMs, workers }: DroverOptions): Controller {
  let ports: Ports | undefined;
  let carried: Carried;
  const never = new AbortController().signal;
  return {
    name,
    everyMs: tickMs,
    min: settings.min,
    max: settings.max,
    async tick(simulation: Simulation) {
      ports ??= simulationPorts(simulation, workers);
      const result = await reconcile({ ports, tickMs, signal: never }, [settings], carried);
      carried = result.carried;
      const [outcome] = result.tick.outcomes;
      const decided = outcome && decidedOf(outcome);
      if (!decided || failureIn(outcome)) throw new Error('the simulated tick failed');
      // The helpers take no jobs above what would be set if no job were running.
      if (workers === 'helper') simulation.drainAbove(decided.decision.limited);
    },
  };
}
