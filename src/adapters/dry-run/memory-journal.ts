import type { Entry } from '../../journal/entry.ts';
import { rollUp } from '../../journal/minute.ts';
import { within } from '../../journal/hour.ts';
import type { Journal, Kept } from '../../ports.ts';

/** Two hours at a tick every ten seconds. */
const MOST_ENTRIES = 720;

/** A journal in the memory of the process, for a run that writes nothing anywhere. */
export function memoryJournal(): Journal {
  let last: Kept | undefined;
  const kept: Entry[] = [];
  return {
    load: async () => last,
    record: async (entry, next) => {
      last = next;
      kept.push(entry);
      if (kept.length > MOST_ENTRIES) kept.shift();
    },
    entries: async (most) => kept.slice(-most),
    history: async (from, to) => within(rollUp(kept), from, to + 1),
  };
}
