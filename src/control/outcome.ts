import type { Decision, Policy } from '../core/types.ts';
import type { Believed } from '../journal/entry.ts';
import type { Failure } from '../failure.ts';
import type { Backlog, FormationState, Resized, Standstill } from '../ports.ts';

/** Why a decision is not carried out, though nothing failed. */
export type Hold =
  /** Somebody asked for a pause. `until` is epoch ms; absent: until it is resumed. */
  | { readonly kind: 'paused'; readonly until?: number | undefined; readonly by: string }
  | { readonly kind: 'unreadable'; readonly queues: readonly string[] }
  /** Somebody set the quantity by hand. `until` is epoch ms; absent: until it is above 0 again. */
  | { readonly kind: 'manual'; readonly until?: number | undefined }
  /** The platform has something else going on with the app. */
  | Standstill
  /** The platform refused more than `limit`, and is asked again from `until` on (epoch ms). */
  | { readonly kind: 'limit'; readonly limit: number; readonly until: number }
  /** What cooperating workers said no longer bound them when it was to be acted on. */
  | { readonly kind: 'lapsed' };

/** What one tick did for one process type. A tick that fails is a value too. */
export type Outcome =
  | {
      readonly kind: 'decided';
      readonly processType: string;
      readonly backlog: Backlog;
      readonly formation: FormationState;
      readonly decision: Decision;
      /** What it was decided by. */
      readonly policy: Policy;
      /** Set: the decision was not carried out. */
      readonly hold?: Hold | undefined;
      /** What the platform made of it; absent: nothing had to change, or it failed. */
      readonly resized?: Resized | undefined;
      /** Acting failed; the next tick decides afresh. */
      readonly failure?: Failure | undefined;
    }
  /** Something could not be read: nothing was decided, and everything stays as it is. */
  | { readonly kind: 'blind'; readonly processType: string; readonly failure: Failure };

/** One pass over all process types. */
export type Tick = {
  /** Epoch ms. */
  readonly at: number;
  readonly tookMs: number;
  /** From this tick to the next. */
  readonly tickMs: number;
  /** True: another clock holds the lease, so nothing was read or decided. */
  readonly standby: boolean;
  readonly outcomes: readonly Outcome[];
  /** What is remembered could not be kept: a restart would forget it. */
  readonly forgetful?: Failure | undefined;
  /** What is believed after the tick. */
  readonly beliefs?: readonly Believed[] | undefined;
  /** Requests the account may still send to the platform; absent: not known. */
  readonly requestsLeft?: number | undefined;
};

/** Whether the tick did what it is for. */
export function succeeded(tick: Tick): boolean {
  return tick.outcomes.every((outcome) => outcome.kind === 'decided' && outcome.failure === undefined);
}
