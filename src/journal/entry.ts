import type { BeliefLine } from '../core/beliefs.ts';
import type { Step } from '../core/types.ts';

/** One queue as a tick read it. Counts are jobs. */
export type QueueEntry = {
  readonly name: string;
  /** Jobs that a worker could take now: waiting, prioritized and due. */
  readonly ready: number;
  readonly active: number;
  /** Jobs that no worker can take yet: delayed until later, or waiting for children. */
  readonly later: number;
  /** Jobs ever added: the queue's id counter. */
  readonly added: number;
  /** How long the oldest job has been ready. Absent: no job is ready, or its age is unknown. */
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
    | 'autoscaler'
    | 'budget'
    | 'limit'
    | 'lapsed';
  readonly words: string;
};

/** The platform does not run as many workers as are set. */
export type LimitEntry = {
  readonly kind: 'refused' | 'unschedulable';
  readonly message: string;
  readonly remedy: string;
};

/** What one tick did for one process type. `blind`: it could not read what a decision needs. */
export type TypeEntry =
  | {
      readonly kind: 'decided';
      readonly processType: string;
      /** The quantity after the tick, and before it. */
      readonly quantity: number;
      readonly from: number;
      /** The platform's own quantity, where the others are those of a shadow. */
      readonly actual?: number | undefined;
      /** What was decided, whether or not it was carried out. */
      readonly to: number;
      /** What the jobs need before any limit, and what would be set if none were running. Absent: kept by an older version. */
      readonly needed?: number | undefined;
      readonly limited?: number | undefined;
      readonly size: string;
      readonly min: number;
      readonly max: number;
      /** Jobs one worker runs at once. */
      readonly concurrency: number;
      readonly bootMs: number;
      /** The longest wait allowed. Absent: the backlog rule sizes. */
      readonly maxWaitMs?: number | undefined;
      readonly queues: readonly QueueEntry[];
      /** Names of queues that could not be read. */
      readonly unreadable: readonly string[];
      readonly limit?: LimitEntry | undefined;
      readonly reason: string;
      readonly steps: readonly Step[];
      readonly hold?: HoldEntry | undefined;
      readonly result?:
        | 'resized'
        | 'limited'
        | 'overtaken'
        | 'withheld'
        | 'unknown'
        | 'published'
        | 'shadow'
        | 'dry-run'
        | undefined;
      readonly failure?: FailureEntry | undefined;
    }
  | { readonly kind: 'blind'; readonly processType: string; readonly failure: FailureEntry };

/** One belief; without a process type it concerns all of them. */
export type Believed = BeliefLine & { readonly processType?: string | undefined };

export type DecidedEntry = Extract<TypeEntry, { kind: 'decided' }>;

/** One tick as the journal stores it. */
export type Entry = {
  /** Epoch ms. */
  readonly at: number;
  readonly tookMs: number;
  /** From this tick to the next. */
  readonly tickMs: number;
  readonly types: readonly TypeEntry[];
  /** Requests that the platform's last answer says are left; absent where the platform has no such budget. */
  readonly requestsLeft?: number | undefined;
  /** Beliefs after the tick. The status keeps those of the last tick; the journal stores none. */
  readonly beliefs?: readonly Believed[] | undefined;
  /** Bursts that ended with this tick. */
  readonly bursts?: readonly Burst[] | undefined;
};

/** More work than the minimum can serve, from the tick that first saw it until the last of its jobs is done. */
export type Burst = {
  readonly processType: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Jobs added from its start until no job waited. */
  readonly jobs: number;
  /** Most jobs waiting and running at one tick. */
  readonly peak: number;
  /** Workers, under the key that stored bursts have. */
  readonly dynos: { readonly before: number; readonly most: number };
  /** The longest time that the oldest job had been ready. */
  readonly waitMs: number;
};

/** Bound of every count, sum and product: a larger value is corrupt or hostile. */
export const MOST_FIGURE = 1e18;
/** Bound of one count of one queue, so that sums of counts stay below `MOST_FIGURE`. */
export const MOST_JOBS = 1e15;
export const MOST_SPAN_MS = 10 * 365 * 86_400_000;
/** The largest time a Date can hold: a job's timestamp may be any number. */
export const MOST_WAIT_MS = 8.64e15;

/** Beyond this many queues only their sum is stored: a pattern may match thousands. */
export const MOST_QUEUES = 50;

/** The name under which the queues beyond these are summed. */
export function othersName(queues: number): string {
  return `(${queues} others)`;
}

export function isOthersName(name: string): boolean {
  return /^\(\d+ others\)$/.test(name);
}

export function decidedIn(entry: Entry, processType: string): DecidedEntry | undefined {
  const found = entry.types.find((type) => type.processType === processType);
  return found?.kind === 'decided' ? found : undefined;
}

/** The longest wait of any queue; 0 where nothing is ready. */
export function longestWaitMs(queues: readonly QueueEntry[]): number {
  return Math.max(0, ...queues.map(({ waitMs }) => waitMs ?? 0));
}
