import type { Backlog, Ports, Remembered } from '../ports.ts';
import type { FormationState, Resized } from '../ports/platform.ts';
import { EPOCH_MS } from './controller.ts';
import type { Simulation } from './simulation.ts';

export const PROCESS_TYPE = 'worker';
const SIZE = 'Standard-1X';

/**
 * What Drover knows of the workers. `unnamed`: nothing. `named`: the name that a worker gives itself
 * (`new Worker(…, { name })`). `helper`: they call `cooperate`, so they also follow drain requests.
 */
export type WorkerKind = 'unnamed' | 'named' | 'helper';

/** A simulation behind the ports of `reconcile`. The lease is always held, and state is carried from tick to tick. */
export function simulationPorts(simulation: Simulation, workers: WorkerKind): Ports {
  const state = (): FormationState => ({
    processType: PROCESS_TYPE,
    quantity: simulation.workers.quantity,
    size: SIZE,
    others: new Map(),
    readAt: EPOCH_MS + simulation.at,
    naming: { kind: 'numbered', prefix: `${PROCESS_TYPE}.`, base: 1, first: 1, otherPrefixes: [] },
  });
  return {
    clock: {
      now: () => EPOCH_MS + simulation.at,
      monotonicMs: () => simulation.at,
      sleep: async () => {},
    },
    backlog: {
      read: async (selections) =>
        selections.map(({ horizonMs }) => backlogOf(simulation, workers, horizonMs)),
      peek: async (patterns) => patterns.map(() => simulation.queues.takeableByQueue(simulation.at)),
    },
    formation: {
      platform: { name: 'The platform', noun: 'worker', nameVariable: 'DYNO' },
      read: async () => new Map([[PROCESS_TYPE, state()]]),
      requestsLeft: () => undefined,
      standstill: async () => undefined,
      unmark: async () => {},
      resize: async ({ to }): Promise<Resized> => {
        simulation.resize(to);
        return { kind: 'resized', answered: true, quantity: to, size: SIZE };
      },
    },
    // The controller drains workers directly: see `Simulation.drainAbove`.
    workers: { read: async () => new Map(), write: async () => true },
    foresight: { of: () => undefined },
    pause: { read: async () => undefined },
    forget: { take: async () => [] },
    lease: { acquire: async () => 'kept', confirm: async () => {}, release: async () => {} },
    store: { load: async () => new Map<string, Remembered>(), save: async () => {}, end: async () => {} },
  };
}

function backlogOf(simulation: Simulation, workers: WorkerKind, horizonMs: number): Backlog {
  const holders = new Map<string | null, number>();
  for (const [number, jobs] of simulation.holders()) {
    const name = workers === 'unnamed' ? null : `${PROCESS_TYPE}.${number}`;
    holders.set(name, (holders.get(name) ?? 0) + jobs);
  }
  return { queues: simulation.observe(horizonMs, EPOCH_MS), unreadable: [], holders, holdersComplete: true };
}
