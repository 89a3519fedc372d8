import { MOST_BOOTS, type Raised } from './boots.ts';
import { BOOT_WATCH_MS, type Boot } from './drain.ts';
import type { QueueObservation } from './types.ts';
import { ordinalOf, type WorkerNaming } from './worker-naming.ts';

/** Which of the workers that may be new held a job at a reading, by the names on active jobs. JSON, bounded. */
export type HoldersReading = {
  /** Epoch ms. */
  readonly at: number;
  /** Whether a worker that is up surely held a job: jobs waited that nothing but the workers kept, and all holders were read. */
  readonly conclusive: boolean;
  /** Numbers of workers that held a job, of those that a scale-up from the quantity at the reading, or the last one, starts. */
  readonly holding: readonly number[];
};

/** What a reading shows of it: jobs by the name of their worker, and the queues. */
export type JobsSeen = {
  readonly holders: ReadonlyMap<string | null, number>;
  readonly holdersComplete: boolean;
  readonly queues: readonly QueueObservation[];
};

/** Half of the time between two readings is the largest error of a boot: at more than this, no reading is the better guess. */
const LONGEST_APART_MS = 20_000;

/** The part of a reading to remember. `above`: from how many workers a scale-up has begun or would begin. */
export function holdersReadingOf(
  { holders, holdersComplete, queues }: JobsSeen,
  naming: WorkerNaming,
  above: readonly number[],
  at: number,
): HoldersReading {
  const isWatched = (ordinal: number): boolean =>
    above.some((from) => ordinal > from && ordinal <= from + MOST_BOOTS);
  const ordinals = [...holders.keys()].flatMap((name) =>
    name === null || naming.kind === 'listed' ? [] : (ordinalOf(name, naming) ?? []),
  );
  return {
    at,
    conclusive: holdersComplete && queues.some(waitsForWorkers),
    holding: [...new Set(ordinals)].filter(isWatched).toSorted((a, b) => a - b),
  };
}

/** Jobs wait, and no limit but the number of free slots keeps them. */
function waitsForWorkers(queue: QueueObservation): boolean {
  const { waiting, prioritized, due, paused, concurrencyLimit, rateLimitedMs, limiter } = queue;
  const isLimited = concurrencyLimit !== undefined || rateLimitedMs !== undefined || limiter !== undefined;
  return !paused && !isLimited && waiting + prioritized + due > 0;
}

/**
 * The boots that ended between two readings: a worker that is up takes a job at once where jobs wait, so one that holds none
 * at the first reading and one at the second began to take jobs between them. The middle is taken, which is wrong by half of
 * the time between them at most, and by nothing on average. `before`: workers that held a job already, as those that were
 * being stopped at the scale-up; what they do later shows nothing of a boot.
 */
export function bootsByJobs(
  raised: Raised,
  previous: HoldersReading | undefined,
  now: HoldersReading,
): { readonly boots: readonly Boot[]; readonly before: readonly string[] } {
  const isNew = (ordinal: number): boolean => ordinal > raised.above && ordinal <= raised.above + MOST_BOOTS;
  const before = new Set(previous?.holding.filter(isNew));
  const held = [...before].map(String);
  if (previous === undefined || !previous.conclusive || !now.conclusive) return { boots: [], before: held };
  const apartMs = now.at - previous.at;
  const ms = (Math.max(previous.at, raised.at) + now.at) / 2 - raised.at;
  if (apartMs <= 0 || apartMs > LONGEST_APART_MS || ms < 0 || ms > BOOT_WATCH_MS)
    return { boots: [], before: held };
  const begun = now.holding.filter((ordinal) => isNew(ordinal) && !before.has(ordinal));
  return { boots: begun.map((ordinal) => ({ worker: String(ordinal), ms })), before: held };
}
