import type { Capacity } from '../../core/capacity.ts';
import type { MemoryStore, Remembered } from '../../ports.ts';

/** Of the workers that are set, whatever their number, none boots: a shadow has started none. */
const ALL_UP: Capacity = { quantity: Number.MAX_SAFE_INTEGER, booting: [] };

/**
 * A store that, for process types without a state of their own, has what a shadow learned of the jobs and the workers. Its
 * quantity and its writes stay behind: they never were the platform's. So do the jobs that started late, which other
 * quantities have served.
 */
export function afterShadow(store: MemoryStore, shadow: Pick<MemoryStore, 'load'>): MemoryStore {
  return {
    load: async (processTypes, signal) => {
      const own = await store.load(processTypes, signal);
      const missing = processTypes.filter((processType) => !own.has(processType));
      if (missing.length === 0) return own;
      const learned = await shadow.load(missing, signal);
      return new Map([...own, ...[...learned].map(([name, kept]) => [name, learnedIn(kept)] as const)]);
    },
    save: async (remembered, signal) => await store.save(remembered, signal),
    end: async (remembered, signal) => await store.end(remembered, signal),
  };
}

function learnedIn({ memory, scaling, foreseen }: Remembered): Remembered {
  const { version, peaks, queues } = memory;
  const { concurrency } = scaling;
  return {
    memory: { version, peaks, queues, capacity: ALL_UP },
    scaling: concurrency === undefined ? {} : { concurrency },
    foreseen,
  };
}
