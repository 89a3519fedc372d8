import type { Decision } from '../core/types.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
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

/** Drover itself: the loop's own tick, on the world's ports. For one run; it remembers. */
export function droverController({ name, settings, tickMs, workers }: DroverOptions): Controller {
  let ports: Ports | undefined;
  let carried: Carried;
  const never = new AbortController().signal;
  return {
    name,
    everyMs: tickMs,
    min: settings.min,
    max: settings.max,
    async tick(world: Simulation) {
      ports ??= simulationPorts(world, workers);
      const result = await reconcile(ports, [settings], tickMs, carried, never);
      carried = result.carried;
      const [outcome] = result.tick.outcomes;
      if (outcome?.kind !== 'decided' || outcome.failure) throw new Error('the simulated tick failed');
      if (workers === 'helper') world.drainAbove(wantedOf(outcome.decision));
    },
  };
}

/** What the decision asks for, before running jobs have a say: the helpers stop taking jobs above it. */
function wantedOf({ steps, to }: Decision): number {
  return steps.find(({ stage }) => stage === 'step limit')?.count ?? to;
}
