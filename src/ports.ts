import type { PlatformLimit } from './core/platform-limit.ts';
import type { Forgettable } from './core/beliefs.ts';
import type { DrainRequest, WorkersReading, DrainStep } from './core/drain.ts';
import type { Memory } from './core/memory.ts';
import type { ScalingState } from './core/scaling-state.ts';
import type { QueueObservation } from './core/types.ts';
import type { Failure } from './failure.ts';
import type { Alarms, Notice } from './journal/alarm.ts';
import type { Entry } from './journal/entry.ts';
import type { History } from './journal/minute.ts';
import type { Status } from './journal/status.ts';

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

/** Where work waits. Throws when nothing can be told: an unreadable queue is not an empty one. */
export type BacklogSource = {
  /** One reading per selection, in their order; one round trip for all of them together. */
  read(selections: readonly QueueSelection[], at: number, signal: AbortSignal): Promise<readonly Backlog[]>;
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

/** One process type as the platform describes it. */
export type FormationState = {
  readonly processType: string;
  readonly quantity: number;
  /** Dyno size as the platform spells it, such as `Standard-1X`. */
  readonly size: string;
  /** The quantities of the app's other process types. */
  readonly others: ReadonlyMap<string, number>;
  /** Epoch ms of the reading, which is older than the tick where the budget saved a request. */
  readonly readAt: number;
};

export type Resize = {
  readonly processType: string;
  /** The quantity the decision was made on. */
  readonly from: number;
  /** The absolute quantity wanted. */
  readonly to: number;
  /** Absent: left as it is. */
  readonly size?: string | undefined;
  /** Monotonic ms after which no request that writes is sent: what the decision rests on may no longer hold. */
  readonly sendBeforeMs?: number | undefined;
};

/** What came of a change. */
export type Resized =
  | (Settled & { readonly kind: 'resized'; readonly quantity: number; readonly size: string })
  /** The platform allows no more than `limit`; `quantity` is what the type is set to now. */
  | (Settled & { readonly kind: 'limited'; readonly quantity: number; readonly limit: PlatformLimit })
  /** Another client changed it since the decision. */
  | (Settled & { readonly kind: 'overtaken'; readonly quantity: number })
  /** It was sent, and what came of it is not known. */
  | { readonly kind: 'unknown'; readonly answered: false; readonly failure: Failure }
  /** A dry run: nothing was sent. */
  | { readonly kind: 'rehearsed' };

/** False: some request of the change got no answer, so the platform may still carry it out. */
type Settled = { readonly answered: boolean };

/** Why dynos are best left alone for now. */
export type Standstill =
  | { readonly kind: 'maintenance' }
  | { readonly kind: 'release' }
  /** So many changes were made lately that more would take requests from the account's other users. */
  | { readonly kind: 'budget' };

/** The dynos being scaled. `resize` sets an absolute quantity, so repeating it is harmless. */
export type Formation = {
  /** The process types asked for, each its state or why it is not known. */
  read(
    processTypes: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, FormationState | Failure>>;
  /**
   * Reads again before it writes, and re-reads when the outcome of the write is unknown. Throws a Failure where nothing
   * was sent, or what was sent was refused.
   */
  resize(resize: Resize, signal: AbortSignal): Promise<Resized>;
  /** Asked before a change. Never throws: what cannot be told here is no reason to leave jobs waiting. */
  standstill(signal: AbortSignal): Promise<Standstill | undefined>;
  /** Requests the account may still send, as the last answer told; undefined before the first. */
  requestsLeft(): number | undefined;
};

/**
 * `kept`: no other clock has had it since this one did. `taken`: others may have had it, and acted. `standby`: another
 * clock has it.
 */
export type LeaseState = 'kept' | 'taken' | 'standby';

/** The right to act: of any number of clocks one holds it. All three throw a Failure where it is not known who does. */
export type Lease = {
  /** Takes or keeps it for so long. Throws LEASE_CONFLICT where a clock that scales other process types has it. */
  acquire(forMs: number, signal: AbortSignal): Promise<LeaseState>;
  /**
   * Throws LEASE_LOST unless this clock still has it, which it then has for so long. Called just before every write to the
   * platform for as long as that may take, and after it for the usual time.
   */
  confirm(forMs: number, signal: AbortSignal): Promise<void>;
  /** Gives it up, so that the next clock need not wait. */
  release(signal: AbortSignal): Promise<void>;
};

/**
 * The workers that cooperate: what they say of themselves, and what they are asked. Both throw a Failure; asked
 * nothing, or with nobody to ask them, they work.
 */
export type Workers = {
  read(processTypes: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, WorkersReading>>;
  /**
   * Takes one step from the order that was read, good for `forMs`. True when that order stood until then: who was read
   * to rest under it rests. False: it had lapsed or was another's, and nothing that was read binds anybody. Throws
   * LEASE_LOST, having written nothing, for a clock that others took over from.
   */
  write(
    processType: string,
    order: DrainRequest | undefined,
    step: Exclude<DrainStep, { kind: 'nothing' }>,
    forMs: number,
    signal: AbortSignal,
  ): Promise<boolean>;
};

/** What is remembered of one process type from tick to tick, and across restarts. */
export type Remembered = { readonly memory: Memory; readonly scaling: ScalingState };

/**
 * Keeps what is remembered, for the clock with the lease. What was kept by another version, or is not readable, counts as
 * not kept. All throw a Failure.
 */
export type MemoryStore = {
  /** Without the quantity where the clock that kept it may have acted after that: see `end`. */
  load(processTypes: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Remembered>>;
  /** Throws LEASE_LOST, having written nothing, for a clock that others took over from. */
  save(remembered: ReadonlyMap<string, Remembered>, signal: AbortSignal): Promise<void>;
  /** Saves, and that this clock will not act again. */
  end(remembered: ReadonlyMap<string, Remembered>, signal: AbortSignal): Promise<void>;
};

/** When to tick. */
export type Schedule = {
  /** Epoch ms of the first slot after now. */
  next(): number;
  /** The shortest time between two slots. */
  readonly shortestMs: number;
};

/** What the next tick's record goes on from. */
export type Kept = { readonly status: Status; readonly alarms: Alarms };

/** What the ticks left, for people to look at. Bounded in size and time. All throw a Failure. */
export type Journal = {
  /** What was kept last. What another version kept, or is not readable, counts as not kept. */
  load(signal: AbortSignal): Promise<Kept | undefined>;
  record(entry: Entry, kept: Kept, signal: AbortSignal): Promise<void>;
  /** The last entries, oldest first; fewer where fewer are kept. */
  entries(most: number, signal: AbortSignal): Promise<readonly Entry[]>;
  /** Minutes that begin in a span of epoch ms, both ends included, and what happened in it. */
  history(from: number, to: number, signal: AbortSignal): Promise<History>;
};

/** Somebody's wish that nothing be changed. */
export type Pause = {
  /** Epoch ms; absent: until it is resumed. */
  readonly until?: number | undefined;
  /** Where it was asked for: `the command line`, `the dashboard`. */
  readonly by: string;
};

/** Where that wish is kept. All throw a Failure: whether Drover is paused must be known before it acts. */
export type PauseStore = {
  read(at: number, signal: AbortSignal): Promise<Pause | undefined>;
  set(pause: Pause, at: number, signal: AbortSignal): Promise<void>;
  clear(signal: AbortSignal): Promise<void>;
};

/** What an operator wants forgotten, for the clock to do it in its next tick. Both throw a Failure. */
export type ForgetStore = {
  request(kinds: readonly Forgettable[], signal: AbortSignal): Promise<void>;
  /** What was requested since it was taken last: each request is handed over once. */
  take(signal: AbortSignal): Promise<readonly Forgettable[]>;
};

/** Tells people. Throws a Failure, which names no part of the address. */
export type Notifier = { notify(notices: readonly Notice[], signal: AbortSignal): Promise<void> };

/** The world as the loop takes it. */
export type Ports = {
  readonly backlog: BacklogSource;
  readonly formation: Formation;
  readonly workers: Workers;
  readonly lease: Lease;
  readonly store: MemoryStore;
  readonly pause: Pick<PauseStore, 'read'>;
  readonly forget: Pick<ForgetStore, 'take'>;
  readonly clock: Clock;
};
