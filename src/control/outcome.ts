import type { Decision, Policy } from '../core/types.ts';
import type { Believed } from '../journal/entry.ts';
import type { Failure } from '../failure.ts';
import type { Backlog } from '../ports.ts';
import type { FormationState, Resized, Standstill } from '../ports/platform.ts';

/** Why Drover deliberately does not carry out a decision. */
export type Hold =
  /** An operator paused it. `until` is epoch ms; absent: until it is resumed. */
  | { readonly kind: 'paused'; readonly until?: number | undefined; readonly by: string }
  | { readonly kind: 'unreadable'; readonly queues: readonly string[] }
  /** The quantity was scaled manually. `until` is epoch ms; absent: until it is above 0 again. */
  | { readonly kind: 'manual'; readonly until?: number | undefined }
  /** The platform is busy with the app. */
  | Standstill
  /** The platform refused more than `limit`; the next attempt is at `until` (epoch ms). */
  | { readonly kind: 'limit'; readonly limit: number; readonly until: number }
  /** The drain request that the workers' reports refer to had expired before it could be used. */
  | { readonly kind: 'lapsed' };

/** What was read and decided for one process type. */
export type Decided = {
  readonly processType: string;
  readonly backlog: Backlog;
  readonly formation: FormationState;
  readonly decision: Decision;
  readonly policy: Policy;
  /** Workers that are to take jobs, while others that cooperate drain; absent: all. */
  readonly working?: number | undefined;
};

/** The result of one tick for one process type. A tick that fails is a value too. */
export type Outcome =
  | (Decided & { readonly kind: 'held'; readonly hold: Hold })
  /** The formation is as it should be. */
  | (Decided & { readonly kind: 'unchanged' })
  /** A change was sent; `resized` says what came of it. */
  | (Decided & { readonly kind: 'resized'; readonly resized: Resized })
  /** The decision could not be carried out. */
  | (Failed & { readonly decided: Decided })
  /** Something could not be read, so nothing was decided. */
  | (Failed & { readonly decided?: undefined });

type Failed = { readonly kind: 'failed'; readonly processType: string; readonly failure: Failure };

/** One pass over all process types. */
export type Tick = {
  /** Epoch ms. */
  readonly at: number;
  readonly tookMs: number;
  /** From this tick to the next. */
  readonly tickMs: number;
  /** True: another clock holds the lease, so nothing was read or decided. */
  readonly standby: boolean;
  /** It came before its slot: more jobs had come than the tick before decided for. */
  readonly early?: true | undefined;
  readonly outcomes: readonly Outcome[];
  /** The state could not be saved: a restart would lose it. */
  readonly unsaved?: Failure | undefined;
  /** What is believed after the tick. */
  readonly beliefs?: readonly Believed[] | undefined;
  /** Requests the account may still send to the platform; absent: not known. */
  readonly requestsLeft?: number | undefined;
};

/** What was decided; undefined where nothing could be. */
export function decidedOf(outcome: Outcome): Decided | undefined {
  return outcome.kind === 'failed' ? outcome.decided : outcome;
}

/** What went wrong, including a change of which the result is unknown. */
export function failureIn(outcome: Outcome): Failure | undefined {
  if (outcome.kind === 'failed') return outcome.failure;
  return outcome.kind === 'resized' && outcome.resized.kind === 'unknown'
    ? outcome.resized.failure
    : undefined;
}

export function succeeded(tick: Tick): boolean {
  return tick.outcomes.every((outcome) => failureIn(outcome) === undefined);
}
