import type { WEEKDAY_NAMES } from './foreseen.ts';

/** What the operator chose, in the units the decision works with. */
export type Policy = {
  readonly sizing: Sizing;
  /** Fewest and most workers, both inclusive; 0 is a valid minimum. */
  readonly min: number;
  readonly max: number;
  /** Where these bounds come from, if not from the plain minimum and maximum: the step's note. */
  readonly boundsNote?: string | undefined;
  /** Jobs that one worker (a dyno, a pod) runs at once, at least 1. */
  readonly concurrency: number;
  /** From the change of the quantity to a worker that takes jobs. */
  readonly bootMs: number;
  /** From one decision to the next. */
  readonly tickMs: number;
  /** How long a peak is remembered on the way down. */
  readonly scaleDownDelayMs: number;
  /** Largest change in one decision; absent: no limit. */
  readonly maxStepUp?: number | undefined;
  readonly maxStepDown?: number | undefined;
  /** Longest time that running jobs may delay a scale-down; absent: as long as they run. */
  readonly drainTimeoutMs?: number | undefined;
  /** What the platform calls one worker in texts for people, such as `dyno`; absent: `worker`. */
  readonly noun?: string | undefined;
  /** The environment variable from which a worker knows its own name, such as `DYNO`; absent: there is none. */
  readonly nameVariable?: string | undefined;
  /** US dollars for one worker that runs all month; absent: no prices are said. */
  readonly monthlyPricePerWorker?: number | undefined;
};

/** `backlog`: one worker per so many waiting jobs. `wait`: enough workers that a job starts in time. */
export type Sizing =
  | { readonly kind: 'backlog'; readonly jobsPerWorker: number }
  | {
      readonly kind: 'wait';
      readonly maxWaitMs: number;
      /** For queues with an objective of their own. */
      readonly maxWaitMsByQueue?: Readonly<Record<string, number>> | undefined;
      /** The backlog rule sizes until a service time is known; default 100. */
      readonly jobsPerWorker?: number | undefined;
      /** Percent of a day's jobs that are to start in time, of each queue; default 95. */
      readonly maxWaitPercent?: number | undefined;
    };

/** One queue as it was read at one instant. Counts are jobs. */
export type QueueObservation = {
  readonly name: string;
  readonly waiting: number;
  readonly prioritized: number;
  /** Delayed jobs that are due by now: only a worker promotes them. */
  readonly due: number;
  /** Delayed jobs due by now plus a boot and a tick, those of `due` included. */
  readonly dueSoon: number;
  /** Everything in the active list, orphans included. */
  readonly active: number;
  /** Jobs ever added: the queue's id counter. */
  readonly added: number;
  /** Active jobs whose lock is gone: no worker runs them, and only a live worker recovers them. */
  readonly orphaned?: number | undefined;
  /** Epoch ms since when the job that waits longest has been ready. */
  readonly oldestReadyAt?: number | undefined;
  readonly paused: boolean;
  /** Jobs that all workers together may run at once. */
  readonly concurrencyLimit?: number | undefined;
  /** For how long the rate limiter still lets no job through. */
  readonly rateLimitedMs?: number | undefined;
  /**
   * The rate limiter, where it can be read: jobs begun in the current window and how long that still lasts (0: no window
   * is open); and, where the queue itself sets them, how many jobs may begin in a window and how long it lasts.
   */
  readonly limiter?:
    | {
        readonly begun: number;
        readonly leftMs: number;
        readonly max?: number | undefined;
        readonly durationMs?: number | undefined;
      }
    | undefined;
  /** All delayed jobs and flow parents: not work yet, but needed to distinguish departures from delays. */
  readonly delayed?: number | undefined;
  readonly waitingChildren?: number | undefined;
  /** The job completed last, where it is kept: when it ended (epoch ms) and how long it ran. */
  readonly lastRun?: { readonly endedAt: number; readonly tookMs: number } | undefined;
};

type WeekdayName = (typeof WEEKDAY_NAMES)[number];

/** A burst that comes by the clock, as far as the past shows. */
export type ExpectedBurst = {
  readonly queue: string;
  /** Epoch ms from which it is expected, and how many jobs. */
  readonly at: number;
  readonly jobs: number;
  /** The same on the clock on the wall, such as `09:00`. */
  readonly time: string;
  /** On how many of the last days it came; `weekday`: of the last such days, such as `Tuesday`. */
  readonly seen: { readonly days: number; readonly of: number; readonly weekday?: WeekdayName | undefined };
};

/** What one decision is made from. */
export type Observation = {
  /** Epoch ms. */
  readonly at: number;
  /** What the formation is set to. */
  readonly quantity: number;
  readonly queues: readonly QueueObservation[];
  /**
   * Highest number of a worker that runs a job; absent where it is not known. Where workers have no numbers: how many run
   * one.
   */
  readonly busyOrdinal?: number | undefined;
  /** Running jobs that cannot be mapped to a worker; absent where even their number is not known. */
  readonly unattributed?: number | undefined;
  /**
   * All workers with a higher number are drained: they take no jobs and run none. Where workers have no numbers: how many
   * are not drained. Absent where workers do not cooperate.
   */
  readonly restingAbove?: number | undefined;
  /** The name of a worker that has still to drain, for people; absent: its number says it. */
  readonly stillDraining?: string | undefined;
  /** The most that a change of ours without an answer may still set. Absent: there is none. */
  readonly unansweredRise?: number | undefined;
  /** Workers that the next tick will want if nothing changes: none of them is removed now. Absent: not known. */
  readonly nextWanted?: number | undefined;
  /** Bursts that are expected by the clock. Absent: none is known of, and workers are started when jobs are there. */
  readonly expected?: readonly ExpectedBurst[] | undefined;
};

export type Stage = 'demand' | 'forecast' | 'sizing' | 'bounds' | 'peak hold' | 'step limit' | 'protection';

/** The result of one stage. `demand` and `forecast` count jobs, all later stages workers. */
export type Step = { readonly stage: Stage; readonly count: number; readonly note?: string | undefined };

export type Decision = {
  readonly from: number;
  /** The absolute quantity to set; equal to `from`: no change. */
  readonly to: number;
  /** Workers that the demand needs, before any bound or limit. */
  readonly needed: number;
  /** So many of them no job needs now: they are kept for waits shorter than a boot and a tick. Absent: none. */
  readonly reserved?: number | undefined;
  /** What would be set if no job were running: after bounds, scale-down delay and step limit. */
  readonly limited: number;
  /** One sentence for people. */
  readonly reason: string;
  readonly steps: readonly Step[];
  /** What the wait rule planned for, by queue; absent where it did not size. */
  readonly waits?: readonly PlannedWait[] | undefined;
};

/** The part of a queue's allowed wait that the plan uses, in ms, and the jobs of the last day that it follows from. */
export type PlannedWait = {
  readonly queue: string;
  readonly maxWaitMs: number;
  readonly plannedMs: number;
  /** Estimated from counts: fractions occur. */
  readonly started: number;
  readonly late: number;
};

/** Workers to keep although no job needs them now, for queues whose wait is shorter than a boot and a tick. */
export type Reserve = {
  readonly workers: number;
  /** The shortest of those waits; absent: there is none. */
  readonly maxWaitMs?: number | undefined;
};
