import type { PlatformLimit } from '../core/platform-limit.ts';
import type { PlatformWords } from '../core/platform.ts';
import type { WorkerNaming } from '../core/worker-naming.ts';
import type { Failure } from '../failure.ts';

/** One process type as the platform describes it. */
export type FormationState = {
  readonly processType: string;
  readonly quantity: number;
  /** The size of its workers as the platform spells it, such as `Standard-1X`; empty where workers have none. */
  readonly size: string;
  /** The quantities of the app's other process types. */
  readonly others: ReadonlyMap<string, number>;
  readonly naming: WorkerNaming;
  /** The platform's own quantity, where `quantity` is that of a shadow. */
  readonly actual?: number | undefined;
  /** The platform does not run as many as are set. Absent: it does, or shows it only by a refusal. */
  readonly limit?: ObservedLimit | undefined;
  /** Epoch ms of the reading, which is older than the tick where the budget saved a request. */
  readonly readAt: number;
};

/** The platform runs `count` workers and cannot start the rest. */
export type ObservedLimit = {
  readonly count: number;
  /** `refused`: by a quota or another rule. `unschedulable`: no machine takes them. */
  readonly kind: 'refused' | 'unschedulable';
  /** In the platform's own words. */
  readonly reason: string;
};

export type Resize = {
  readonly processType: string;
  /** The quantity the decision was made on. */
  readonly from: number;
  /** The absolute quantity wanted. */
  readonly to: number;
  /** Absent: left as it is. */
  readonly size?: string | undefined;
  /**
   * Listed workers (`WorkerNaming`) that may be removed, most wanted first: as many as necessary are, and no others.
   * Absent: the platform chooses.
   */
  readonly remove?: readonly string[] | undefined;
  /** Monotonic ms after which no write is sent: the reading behind the decision is too old then. */
  readonly sendBeforeMs?: number | undefined;
};

/** What came of a change. */
export type Resized =
  | (Settled & { readonly kind: 'resized'; readonly quantity: number; readonly size: string })
  /** The platform allows no more than `limit`; `quantity` is what the type is set to now. */
  | (Settled & { readonly kind: 'limited'; readonly quantity: number; readonly limit: PlatformLimit })
  /** Another client changed it since the decision. */
  | (Settled & { readonly kind: 'overtaken'; readonly quantity: number })
  /** Nothing was sent: the platform would remove a worker that is not to be removed. */
  | (Settled & { readonly kind: 'withheld'; readonly worker: string })
  /** It was sent, and what came of it is not known. */
  | { readonly kind: 'unknown'; readonly answered: false; readonly failure: Failure }
  /**
   * The platform has an autoscaler of its own, which reads what is wanted and sets it some time later; until then the
   * quantity is what it was. It may still act on it for a while after something else is wanted: not `answered`.
   */
  | (Settled & { readonly kind: 'published'; readonly quantity: number; readonly wanted: number })
  /** Only the quantity of the shadow was set. */
  | (Settled & { readonly kind: 'shadow'; readonly quantity: number })
  /** A dry run: nothing was sent. */
  | { readonly kind: 'dry-run' };

/** False: some request of the change got no answer, so the platform may still carry it out. */
type Settled = { readonly answered: boolean };

/** Why the quantity is better left unchanged for now. */
export type Standstill =
  | { readonly kind: 'maintenance' }
  /** `mayGrow`: only a lower quantity has to wait. */
  | { readonly kind: 'release'; readonly mayGrow?: true }
  /** Another autoscaler sets the same quantity. */
  | { readonly kind: 'autoscaler'; readonly name: string }
  /** After many changes, more would use requests that are left to the account's other clients. */
  | { readonly kind: 'budget' };

/**
 * The workers being scaled, on whatever platform. `resize` sets an absolute quantity, so repeating it is harmless.
 */
export type Formation = {
  readonly platform: PlatformWords;
  /** The requested process types, each with its state or why that is not known. */
  read(
    processTypes: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, FormationState | Failure>>;
  /**
   * Reads again before it writes, and re-reads when the outcome of the write is unknown. Throws a Failure where nothing
   * was sent, or what was sent was refused.
   */
  resize(resize: Resize, signal: AbortSignal): Promise<Resized>;
  /** Read before a change of the type. Never throws: a failure here is no reason to leave jobs waiting. */
  standstill(processType: string, signal: AbortSignal): Promise<Standstill | undefined>;
  /**
   * Takes back from listed workers that `resize` marked them as wanted for removal: they take jobs again. Throws a Failure.
   */
  unmark(processType: string, names: readonly string[], signal: AbortSignal): Promise<void>;
  /** Requests the account may still send, by the last answer; undefined before the first. */
  requestsLeft(): number | undefined;
};
