import type { Backlog, FormationState, Ports, Remembered, Resized } from '../ports.ts';
import { EPOCH_MS } from './controller.ts';
import type { Simulation } from './simulation.ts';

export const PROCESS_TYPE = 'worker';
const SIZE = 'Standard-1X';

/**
 * What the workers tell of themselves: nothing; their dyno's name (`new Worker(…, { name: process.env.DYNO })`); or, by
 * the worker helper, that too, and they stop taking jobs when asked.
 */
export type WorkerKind = 'unnamed' | 'named' | 'helper';

/** The world behind the ports of the loop. The lease is always ours, and what is remembered stays where it is. */
export function simulationPorts(world: Simulation, workers: WorkerKind): Ports {
  const state = (): FormationState => ({
    processType: PROCESS_TYPE,
    quantity: world.workers.quantity,
    size: SIZE,
    others: new Map(),
    readAt: EPOCH_MS + world.at,
  });
  return {
    clock: {
      now: () => EPOCH_MS + world.at,
      monotonicMs: () => world.at,
      sleep: async () => {},
    },
    backlog: {
      read: async (selections) => selections.map(({ horizonMs }) => backlogOf(world, workers, horizonMs)),
    },
    formation: {
      read: async () => new Map([[PROCESS_TYPE, state()]]),
      requestsLeft: () => undefined,
      standstill: async () => undefined,
      resize: async ({ to }): Promise<Resized> => {
        world.resize(to);
        return { kind: 'resized', answered: true, quantity: to, size: SIZE };
      },
    },
    // Draining is the world's own business: see `drainAbove`.
    workers: { read: async () => new Map(), write: async () => true },
    pause: { read: async () => undefined },
    forget: { take: async () => [] },
    lease: { acquire: async () => 'kept', confirm: async () => {}, release: async () => {} },
    store: { load: async () => new Map<string, Remembered>(), save: async () => {}, end: async () => {} },
  };
}

function backlogOf(world: Simulation, workers: WorkerKind, horizonMs: number): Backlog {
  const holders = new Map<string | null, number>();
  for (const [number, jobs] of world.holders()) {
    const name = workers === 'unnamed' ? null : `${PROCESS_TYPE}.${number}`;
    holders.set(name, (holders.get(name) ?? 0) + jobs);
  }
  return { queues: world.observe(horizonMs, EPOCH_MS), unreadable: [], holders, holdersComplete: true };
}
