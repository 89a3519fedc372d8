import type { Foresight, Lease, MemoryStore, Workers } from '../../ports.ts';
import type { Formation } from '../../ports/platform.ts';

/** Reads the real formation, and writes nothing to it. */
export function dryRunFormation(real: Formation): Formation {
  return {
    platform: real.platform,
    read: (processTypes, signal) => real.read(processTypes, signal),
    resize: async () => ({ kind: 'dry-run' }),
    standstill: (processType, signal) => real.standstill(processType, signal),
    unmark: async () => {},
    requestsLeft: () => real.requestsLeft(),
  };
}

/** Reads the state that the running clock saved, and saves nothing. */
export function readOnlyStore(real: MemoryStore): MemoryStore {
  return {
    load: (processTypes, signal) => real.load(processTypes, signal),
    save: async () => {},
    end: async () => {},
  };
}

/** Reads the workers' reports, and writes no drain request. */
export function readOnlyWorkers(real: Workers): Workers {
  return { read: (processTypes, signal) => real.read(processTypes, signal), write: async () => true };
}

/** A clock that writes nothing needs no lease. */
export const noLease: Lease = {
  acquire: async () => 'kept',
  confirm: async () => {},
  release: async () => {},
};

/** Foresees nothing of its own: what the running clock saved counts. */
export const noForesight: Foresight = { of: () => undefined };
