/** What the operator chose, in the units the decision works with. */
export type Policy = {
  readonly sizing: Sizing;
  /** Fewest and most dynos, both inclusive; 0 is a valid minimum. */
  readonly min: number;
  readonly max: number;
  /** What set these bounds, when it was not the operator's plain minimum and maximum: for the step's note. */
  readonly boundsNote?: string | undefined;
  /** Jobs that one dyno runs at once, at least 1. */
  readonly concurrency: number;
  /** From the PATCH to a dyno that takes jobs. */
  readonly bootMs: number;
  /** From one decision to the next. */
  readonly tickMs: number;
  /** How long a peak is remembered on the way down. */
  readonly scaleDownDelayMs: number;
  /** Largest change in one decision; absent: no limit. */
  readonly maxStepUp?: number | undefined;
  readonly maxStepDown?: number | undefined;
  /** Longest that running jobs may hold a scale-down up; absent: as long as they run. */
  readonly drainTimeoutMs?: number | undefined;
};

/** `backlog`: a dyno for so many waiting jobs. `wait`: enough dynos that a job starts in time. */
export type Sizing =
  | { readonly kind: 'backlog'; readonly jobsPerWorker: number }
  | {
      readonly kind: 'wait';
      readonly maxWaitMs: number;
      /** For queues with an objective of their own. */
      readonly maxWaitMsByQueue?: Readonly<Record<string, number>> | undefined;
      /** The backlog rule sizes until a service time is known; default 100. */
      readonly jobsPerWorker?: number | undefined;
    };

/** One queue as it was read at one instant. Counts are jobs. */
export type QueueObservation = {
  readonly name: string;
  readonly waiting: number;
  readonly prioritized: number;
  /** Delayed jobs that are due by now: only a worker moves them on. */
  readonly due: number;
  /** Delayed jobs due by now plus a boot and a tick, those of `due` included. */
  readonly dueSoon: number;
  /** Everything in the active list, orphans included. */
  readonly active: number;
  /** Jobs ever added: the queue's id counter. */
  readonly added: number;
  /** Active jobs whose lock is gone: nobody works on them, and only a live worker recovers them. */
  readonly orphaned?: number | undefined;
  /** Epoch ms since when the job that waits longest could have been taken. */
  readonly oldestReadyAt?: number | undefined;
  readonly paused: boolean;
  /** Jobs that all workers together may run at once. */
  readonly concurrencyLimit?: number | undefined;
  /** How long the rate limiter still lets no job through. */
  readonly rateLimitedMs?: number | undefined;
  /**
   * The rate limiter, where it shows: jobs begun in its window and how long that lasts still, 0 while none is open; and
   * how many may begin in a window of how long, where the queue says so and not its workers alone.
   */
  readonly limiter?:
    | {
        readonly begun: number;
        readonly leftMs: number;
        readonly max?: number | undefined;
        readonly durationMs?: number | undefined;
      }
    | undefined;
  /** All delayed jobs and flow parents: not work yet, but needed to tell departures from delays. */
  readonly delayed?: number | undefined;
  readonly waitingChildren?: number | undefined;
  /** The job that was completed last, where it is kept: when it ended (epoch ms) and how long it ran. */
  readonly lastRun?: { readonly endedAt: number; readonly tookMs: number } | undefined;
};

/** All that one decision is made from. */
export type Observation = {
  /** Epoch ms. */
  readonly at: number;
  /** What the formation is set to. */
  readonly quantity: number;
  readonly queues: readonly QueueObservation[];
  /** Highest dyno number that runs a job; absent where it is not known. */
  readonly busyOrdinal?: number | undefined;
  /** Running jobs of which the dyno is not known; absent where that itself is not known. */
  readonly unattributed?: number | undefined;
  /** Every dyno with a higher number takes no more jobs and runs none; absent where the workers do not cooperate. */
  readonly restingAbove?: number | undefined;
  /** Dynos that the next tick will want if nothing changes: none of them is stopped now. Absent: not known. */
  readonly nextWanted?: number | undefined;
};

export type Stage = 'demand' | 'forecast' | 'sizing' | 'bounds' | 'peak hold' | 'step limit' | 'protection';

/** What one stage left. `demand` and `forecast` count jobs, all later stages dynos. */
export type Step = { readonly stage: Stage; readonly count: number; readonly note?: string | undefined };

export type Decision = {
  readonly from: number;
  /** The absolute quantity to set; equal to `from` to hold. */
  readonly to: number;
  /** One sentence for a person. */
  readonly reason: string;
  readonly steps: readonly Step[];
};
