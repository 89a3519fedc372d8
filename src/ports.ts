import type { Forgettable } from './core/beliefs.ts';
import type { Foreseen } from './core/foreseen.ts';
import type { DrainRequest, WorkersReading, DrainStep } from './core/drain.ts';
import type { Memory } from './core/memory.ts';
import type { Takeable } from './core/outgrown.ts';
import type { ScalingState } from './core/scaling-state.ts';
import type { QueueObservation } from './core/types.ts';
import type { Failure } from './failure.ts';
import type { Alarms, Notice } from './journal/alarm.ts';
import type { Entry } from './journal/entry.ts';
import type { History } from './journal/minute.ts';
import type { Status } from './journal/status.ts';
import type { Formation } from './ports/platform.ts';

/** Time. `now` is epoch ms for people and Redis; `monotonicMs` never jumps and measures spans. */
export type Clock = {
  now(): number;
  monotonicMs(): number;
  /** Resolves early, without throwing, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

/** What to read for one process type. */
export type QueueSelection = {
  /** Queue names; a `*` stands for any run of characters. */
  readonly patterns: readonly string[];
  /** Delayed jobs due within this time of now count as due soon: a boot and a tick. */
  readonly horizonMs: number;
};

/** Where work waits. Throws when nothing can be read: an unreadable queue is not an empty one. */
export type BacklogSource = {
  /** One reading per selection, in their order; one round trip for all of them together. */
  read(selections: readonly QueueSelection[], at: number, signal: AbortSignal): Promise<readonly Backlog[]>;
  /**
   * The jobs that a worker could take now, by queue, and nothing else: as cheap as a reading can be. One result per list
   * of queue names and patterns, in their order. A queue that cannot be read is missing. Throws when nothing can be read.
   */
  peek(
    patterns: readonly (readonly string[])[],
    at: number,
    signal: AbortSignal,
  ): Promise<readonly Takeable[]>;
};

/** What was read for one selection, and what could not be: with anything unreadable, never scale down. */
export type Backlog = {
  readonly queues: readonly QueueObservation[];
  readonly unreadable: readonly { readonly queue: string; readonly failure: Failure }[];
  /** Jobs with a live lock by the name their worker gave itself (`null`: none). Bounded: see `holdersComplete`. */
  readonly holders: ReadonlyMap<string | null, number>;
  /** False when some active list was too long to be read whole, so `holders` may lack some. */
  readonly holdersComplete: boolean;
};

/**
 * `kept`: no other clock has had it since this one did. `taken`: others may have had it, and acted. `standby`: another
 * clock has it.
 */
export type LeaseState = 'kept' | 'taken' | 'standby';

/** The right to act: of any number of clocks, one holds it. All three throw a Failure where it is not known which. */
export type Lease = {
  /** Takes or keeps it for this long. Throws LEASE_CONFLICT where a clock that scales other process types has it. */
  acquire(forMs: number, signal: AbortSignal): Promise<LeaseState>;
  /**
   * Throws LEASE_LOST unless this clock still has it; extends it for this long. Called just before every write to the
   * platform for as long as that may take, and after it for the usual time.
   */
  confirm(forMs: number, signal: AbortSignal): Promise<void>;
  /** Gives it up, so that the next clock need not wait. */
  release(signal: AbortSignal): Promise<void>;
};

/**
 * The cooperating workers: their reports by name, and the drain request to them, whose limit is by the workers' own count
 * of their numbers. Both throw a Failure; without a request, they work.
 */
export type Workers = {
  read(processTypes: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, WorkersReading>>;
  /**
   * Writes one step on from the drain request that was read. True if that request was still in force: workers that reported
   * themselves drained under it still are. False: it had expired or was replaced, and the reports no longer count. Throws
   * LEASE_LOST, having written nothing, for a clock that others took over from.
   */
  write(change: DrainChange, signal: AbortSignal): Promise<boolean>;
};

export type DrainChange = {
  readonly processType: string;
  /** The request that was read. */
  readonly request: DrainRequest | undefined;
  readonly step: Exclude<DrainStep, { kind: 'nothing' }>;
  /** For how long the new request is good. */
  readonly forMs: number;
};

/** What is remembered of one process type from tick to tick, and across restarts. */
export type Remembered = {
  readonly memory: Memory;
  readonly scaling: ScalingState;
  /** Absent: nothing has been foreseen yet. */
  readonly foreseen?: Foreseen | undefined;
};

/** What was foreseen last for each process type. Never waits: the past is read beside the ticks, seldom. */
export type Foresight = { of(processType: string): Foreseen | undefined };

/**
 * Saves what is remembered, for the clock with the lease. What another version saved, or is not readable, counts as not
 * saved. All throw a Failure.
 */
export type MemoryStore = {
  /** Without the quantity where the clock that saved it may have acted after that: see `end`. */
  load(processTypes: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Remembered>>;
  /** Throws LEASE_LOST, having written nothing, for a clock that others took over from. */
  save(remembered: ReadonlyMap<string, Remembered>, signal: AbortSignal): Promise<void>;
  /** Saves, and marks that this clock will not act again. */
  end(remembered: ReadonlyMap<string, Remembered>, signal: AbortSignal): Promise<void>;
};

/** When to tick. */
export type Schedule = {
  /** Epoch ms of the first slot after now. */
  next(): number;
  /** The shortest time between two slots. */
  readonly shortestMs: number;
};

/** What the next tick's entry builds on. */
export type Kept = { readonly status: Status; readonly alarms: Alarms };

/** A record of past ticks for people. Bounded in size and time. All throw a Failure. */
export type Journal = {
  /** What was saved last. What another version saved, or is not readable, counts as not saved. */
  load(signal: AbortSignal): Promise<Kept | undefined>;
  record(entry: Entry, kept: Kept, signal: AbortSignal): Promise<void>;
  /** The last entries, oldest first; fewer where fewer are kept. */
  entries(most: number, signal: AbortSignal): Promise<readonly Entry[]>;
  /** Minutes that begin in a span of epoch ms, both ends included, and what happened in it. */
  history(from: number, to: number, signal: AbortSignal): Promise<History>;
};

/** An operator's pause: nothing is changed while it lasts. */
export type Pause = {
  /** Epoch ms; absent: until it is resumed. */
  readonly until?: number | undefined;
  /** Where it was set: `the command line`, `the dashboard`. */
  readonly by: string;
};

/** Where a pause is kept. All throw a Failure: whether Drover is paused must be known before it acts. */
export type PauseStore = {
  read(at: number, signal: AbortSignal): Promise<Pause | undefined>;
  set(pause: Pause, at: number, signal: AbortSignal): Promise<void>;
  clear(signal: AbortSignal): Promise<void>;
};

/** Beliefs that an operator wants forgotten; the clock forgets them in its next tick. Both throw a Failure. */
export type ForgetStore = {
  request(kinds: readonly Forgettable[], signal: AbortSignal): Promise<void>;
  /** What was requested since the last call: each request is handed over once. */
  take(signal: AbortSignal): Promise<readonly Forgettable[]>;
};

/** Sends notices to people. Throws a Failure that names no part of the address. */
export type Notifier = { notify(notices: readonly Notice[], signal: AbortSignal): Promise<void> };

/** Everything outside that a tick works with. */
export type Ports = {
  readonly backlog: BacklogSource;
  readonly formation: Formation;
  readonly workers: Workers;
  readonly lease: Lease;
  readonly store: MemoryStore;
  readonly pause: Pick<PauseStore, 'read'>;
  readonly forget: Pick<ForgetStore, 'take'>;
  readonly foresight: Foresight;
  readonly clock: Clock;
};
