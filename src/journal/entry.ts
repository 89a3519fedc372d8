import type { BeliefLine } from '../core/beliefs.ts';
import type { Stage, Step } from '../core/types.ts';

/** One queue as a tick read it. Counts are jobs. */
export type QueueEntry = {
  readonly name: string;
  /** What a worker could take now: waiting, prioritized and due. */
  readonly ready: number;
  readonly active: number;
  /** Not work yet: delayed until later, or waiting for children. */
  readonly later: number;
  /** Jobs ever added: the queue's id counter. */
  readonly added: number;
  /** How long the oldest job has been ready. Absent: none is, or it could not be told. */
  readonly waitMs?: number | undefined;
  readonly paused?: true | undefined;
  readonly orphaned?: number | undefined;
  readonly rateLimitedMs?: number | undefined;
  readonly concurrencyLimit?: number | undefined;
};

export type FailureEntry = { readonly code: string; readonly message: string; readonly remedy: string };

/** Why a decision was not carried out. */
export type HoldEntry = {
  readonly kind:
    | 'paused'
    | 'manual'
    | 'unreadable'
    | 'maintenance'
    | 'release'
    | 'budget'
    | 'limit'
    | 'lapsed';
  readonly words: string;
};

/** What one tick did for one process type. */
export type TypeEntry =
  | {
      readonly kind: 'decided';
      readonly processType: string;
      /** The quantity after the tick, and the one it found. */
      readonly quantity: number;
      readonly from: number;
      /** What was decided, whether or not it was carried out. */
      readonly to: number;
      /** What the jobs need before any limit, and what would be set if none were running. Absent: kept by an older version. */
      readonly needed?: number | undefined;
      readonly limited?: number | undefined;
      /** What the platform calls one worker; absent: `worker`. */
      readonly noun?: string | undefined;
      readonly size: string;
      readonly min: number;
      readonly max: number;
      /** Jobs one dyno runs at once. */
      readonly concurrency: number;
      readonly bootMs: number;
      /** The wait that is aimed at. Absent: the backlog rule. */
      readonly maxWaitMs?: number | undefined;
      readonly queues: readonly QueueEntry[];
      readonly unreadable: readonly string[];
      readonly reason: string;
      readonly steps: readonly Step[];
      readonly hold?: HoldEntry | undefined;
      readonly result?: 'resized' | 'limited' | 'overtaken' | 'unknown' | 'dry-run' | undefined;
      readonly failure?: FailureEntry | undefined;
    }
  | { readonly kind: 'blind'; readonly processType: string; readonly failure: FailureEntry };

/** One thing that is believed; without a process type it is about all of them. */
export type Believed = BeliefLine & { readonly processType?: string | undefined };

export type DecidedEntry = Extract<TypeEntry, { kind: 'decided' }>;

/** One tick as it is kept. */
export type Entry = {
  /** Epoch ms. */
  readonly at: number;
  readonly tookMs: number;
  /** From this tick to the next. */
  readonly tickMs: number;
  readonly types: readonly TypeEntry[];
  /** Requests the account may still send to Heroku, as the last answer told. */
  readonly requestsLeft?: number | undefined;
  /** What was believed after it. Only of the last tick: the journal keeps none. */
  readonly beliefs?: readonly Believed[] | undefined;
  /** Bursts that were over with this tick. */
  readonly bursts?: readonly Burst[] | undefined;
};

/** More work than the standing fleet is for, from the tick that saw it first to the last of its jobs done. */
export type Burst = {
  readonly processType: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Jobs that were added from its begin until nothing waited. */
  readonly jobs: number;
  /** Most jobs that waited or ran at one tick. */
  readonly peak: number;
  readonly dynos: { readonly before: number; readonly most: number };
  /** The longest that the oldest job had been ready. */
  readonly waitMs: number;
};

/** What a count, a sum or a product is kept as at most: beyond that it is not one that we came by honestly. */
export const MOST_FIGURE = 1e18;
/** The same for one count of one queue, so that sums of them stay below. */
export const MOST_JOBS = 1e15;
export const MOST_SPAN_MS = 10 * 365 * 86_400_000;
/** A job may claim to be as old as time. */
export const MOST_WAIT_MS = 8.64e15;

/** Queues, most first, beyond which only their sum is kept: a pattern may find thousands. */
export const MOST_QUEUES = 50;

export function decidedIn(entry: Entry, processType: string): DecidedEntry | undefined {
  const found = entry.types.find((type) => type.processType === processType);
  return found?.kind === 'decided' ? found : undefined;
}

/** The step that had the last word: the latest one that changed the number. */
export function boundBy(steps: readonly Step[]): Stage {
  let bound: Stage = 'sizing';
  steps.forEach((step, index) => {
    const before = steps[index - 1];
    if (before && COUNTS_DYNOS.has(before.stage) && before.count !== step.count) bound = step.stage;
  });
  return bound;
}

const COUNTS_DYNOS: ReadonlySet<Stage> = new Set([
  'sizing',
  'bounds',
  'peak hold',
  'step limit',
  'protection',
]);

export function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}

/** The longest wait of any queue; 0 where nothing is ready. */
export function longestWaitMs(queues: readonly QueueEntry[]): number {
  return Math.max(0, ...queues.map(({ waitMs }) => waitMs ?? 0));
}
