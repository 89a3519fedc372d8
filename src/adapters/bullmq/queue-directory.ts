import type { Redis } from 'ioredis';

import { EXISTENCE_KEYS } from './queue-keys.ts';

/** Keys that one SCAN examines: about a millisecond of Redis. */
const SCAN_COUNT = 1_000;

/** Most SCANs of one run; the next tick continues. A million keys take five runs. */
const STEPS_PER_RUN = 200;

/** From the end of one sweep to the start of the next. */
const SWEEP_PAUSE_MS = 60_000;

/** Bound the memory if another client fills the keyspace with names. */
const MOST_NAMES = 50_000;
const LONGEST_NAME = 512;

/** The queues found under a prefix: by SCAN, in small steps with long pauses, never by KEYS. */
export type QueueDirectory = {
  /** Queues found that the last complete sweep has not shown to be gone. */
  readonly names: ReadonlySet<string>;
  /** Whether one sweep has covered the whole keyspace; until then names may be missing. */
  readonly complete: boolean;
  /** Whether names were dropped because there are too many or they are too long. */
  readonly overflowing: boolean;
  /** Why the last run failed; undefined after a run that did not. */
  readonly error: unknown;
  /**
   * Starts a sweep when one is due, continues an unfinished one, or joins the current run. Resolves at the end of the
   * run and never rejects.
   */
  sweep(masters: readonly Redis[], at: number): Promise<void>;
};

export function queueDirectory(prefix: string): QueueDirectory {
  const match = `${escapeGlob(prefix)}:*:[im][de]*`;
  let known = new Set<string>();
  let complete = false;
  let overflowing = false;
  let error: unknown;
  let nextAt = 0;
  let lastAt = 0;
  let sweep: Sweep | undefined;
  let running: Promise<void> | undefined;

  const run = async (masters: readonly Redis[], at: number): Promise<void> => {
    sweep ??= { found: new Set(), cursors: new Map(), overflowing: false };
    try {
      for (let step = 0; step < STEPS_PER_RUN; step += 1) {
        const master = masters.find((node) => sweep?.cursors.get(nodeName(node)) !== DONE);
        if (!master) {
          [known, overflowing, complete] = [sweep.found, sweep.overflowing, true];
          sweep = undefined;
          nextAt = at + SWEEP_PAUSE_MS;
          break;
        }
        await scanOnce(master, match, prefix, sweep);
        // New queues count at once; queues that are gone are dropped at the end of the sweep.
        for (const name of sweep.found) known.add(name);
      }
      error = undefined;
    } catch (thrown) {
      error = thrown;
    }
  };

  return {
    get names() {
      return known;
    },
    get complete() {
      return complete;
    },
    get overflowing() {
      return overflowing;
    },
    get error() {
      return error;
    },
    async sweep(masters, at) {
      const setBack = at < lastAt;
      lastAt = at;
      if (sweep === undefined && at < nextAt && !setBack) return;
      running ??= run(masters, at).finally(() => {
        running = undefined;
      });
      await running;
    },
  };
}

type Sweep = { readonly found: Set<string>; readonly cursors: Map<string, string>; overflowing: boolean };

const DONE = 'done';

async function scanOnce(master: Redis, match: string, prefix: string, sweep: Sweep): Promise<void> {
  const node = nodeName(master);
  const [cursor, keys] = await master.scan(
    sweep.cursors.get(node) ?? '0',
    'MATCH',
    match,
    'COUNT',
    SCAN_COUNT,
  );
  sweep.cursors.set(node, cursor === '0' ? DONE : cursor);
  for (const key of keys) {
    const name = queueOf(key, prefix);
    if (name === undefined) continue;
    if (name.length > LONGEST_NAME || sweep.found.size >= MOST_NAMES) sweep.overflowing = true;
    else sweep.found.add(name);
  }
}

/** The queue whose existence this key proves, if any: BullMQ allows no `:` in a name. */
function queueOf(key: string, prefix: string): string | undefined {
  const end = key.lastIndexOf(':');
  if (!(EXISTENCE_KEYS as readonly string[]).includes(key.slice(end + 1))) return undefined;
  const name = key.slice(prefix.length + 1, end);
  return name === '' || name.includes(':') ? undefined : name;
}

function nodeName(node: Redis): string {
  return `${node.options.host}:${node.options.port}`;
}

export function escapeGlob(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, String.raw`\$&`);
}
