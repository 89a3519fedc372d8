import type { ProcessTypeSettings } from '../../src/config/settings.ts';

/** How the workers of a process type are known to Drover. */
export type WorkerKind =
  | 'cooperating'
  | 'named'
  | 'unnamed'
  /** By a name that looks like a dyno of another process type. */
  | 'misnamed';

/** One process type of a story: what Drover is set to, and how its dynos are. */
export type StoryType = {
  readonly settings: ProcessTypeSettings;
  readonly workers: WorkerKind;
  /** Jobs that one process of a dyno runs at once. */
  readonly slots: number;
  /** Processes in one dyno. */
  readonly processes: number;
  readonly beatMs: number;
  /** From the platform's start of a dyno to its process. */
  readonly bootMs: number;
  readonly jobMs: readonly [shortest: number, longest: number];
  /** Of the queue: so many jobs in so long a time; absent: no limit. */
  readonly limiter?: { readonly max: number; readonly durationMs: number } | undefined;
};

/** A fault of requests to the platform, while it lasts. */
export type HerokuFault =
  | { readonly how: 'late'; readonly byMs: number }
  | { readonly how: 'answer lost' }
  | { readonly how: 'request lost' }
  | { readonly how: 'twice'; readonly byMs: number }
  | { readonly how: 'slow'; readonly byMs: number }
  | { readonly how: 'refused'; readonly status: 401 | 403 | 404 | 500 | 503 }
  | { readonly how: 'rate limited'; readonly retryAfterS: number };

/** The events of a story, each with its time in ms from the start. `forMs`: how long it lasts. */
export type StoryEvent = { readonly atMs: number } & (
  | { readonly kind: 'jobs'; readonly queue: string; readonly count: number; readonly delayMs: number }
  | {
      readonly kind: 'heroku';
      readonly forMs: number;
      readonly fault: HerokuFault;
      readonly of: 'all' | 'PATCH';
    }
  | { readonly kind: 'limit'; readonly forMs: number; readonly count: number; readonly per: 'app' | 'type' }
  | { readonly kind: 'others'; readonly remaining: number }
  | { readonly kind: 'redis'; readonly forMs: number; readonly how: 'unreachable' | 'hanging' | 'full' }
  | { readonly kind: 'redis slow'; readonly forMs: number; readonly byMs: number }
  | { readonly kind: 'failover'; readonly lostMs: number; readonly keepsSockets: boolean }
  | { readonly kind: 'evict'; readonly keys: string }
  | { readonly kind: 'plant'; readonly key: string; readonly text: string; readonly type: 'string' | 'hash' }
  | { readonly kind: 'clock stopped'; readonly forMs: number }
  | { readonly kind: 'clock killed'; readonly forMs: number }
  | { readonly kind: 'clock replaced'; readonly overlapMs: number }
  | { readonly kind: 'clock restarted' }
  | { readonly kind: 'clock skewed'; readonly forMs: number; readonly byMs: number }
  | { readonly kind: 'redis skewed'; readonly forMs: number; readonly byMs: number }
  | { readonly kind: 'dyno skewed'; readonly forMs: number; readonly byMs: number }
  | { readonly kind: 'dyno stopped'; readonly forMs: number; readonly type: string; readonly ordinal: number }
  | { readonly kind: 'dyno crashed'; readonly type: string; readonly ordinal: number; readonly forMs: number }
  | { readonly kind: 'workers deployed'; readonly type: string }
  | { readonly kind: 'release'; readonly forMs: number }
  | { readonly kind: 'maintenance'; readonly forMs: number }
  | { readonly kind: 'hand'; readonly type: string; readonly quantity: number }
  | { readonly kind: 'paused'; readonly forMs: number; readonly unbounded: boolean }
  | { readonly kind: 'type gone'; readonly type: string; readonly forMs: number }
  | { readonly kind: 'queue paused'; readonly queue: string; readonly forMs: number }
  | { readonly kind: 'queue capped'; readonly queue: string; readonly forMs: number; readonly slots: number }
);

/** A seed as a story: what is set, and what happens until all faults are over. JSON. */
export type Story = {
  readonly seed: number;
  readonly schedule: string;
  readonly tickMs: number;
  readonly startsAt: number;
  /** Whether Redis has EVAL_RO: else queues are read by plain commands. */
  readonly readOnlyScripts: boolean;
  readonly types: readonly StoryType[];
  readonly events: readonly StoryEvent[];
};

export const APP = 'shop';

/** How long a boot takes, as parts of the time that a story names. */
export const SHORTEST_BOOT = 0.7;
export const LONGEST_BOOT = 1.3;

/** When an event and what it leaves are over, ms from the begin. */
export function endOf(event: StoryEvent): number {
  const forMs = 'forMs' in event ? event.forMs : 'overlapMs' in event ? event.overlapMs : 0;
  return event.atMs + forMs + leftBy(event);
}

function leftBy(event: StoryEvent): number {
  return event.kind === 'heroku' && event.fault.how === 'rate limited' ? event.fault.retryAfterS * 1000 : 0;
}
