import type { ProcessTypeSettings } from '../config/settings.ts';
import { expectedAt } from '../core/foreseen.ts';
import { outgrown, type DecisionMade, type Takeable } from '../core/outgrown.ts';
import { sumOf } from '../core/sum.ts';
import { decidedOf, type Outcome, type Tick } from './outcome.ts';
import type { Carried } from './reconcile.ts';

/** What to watch after a tick, and how often. */
export type Watch = {
  /** Queue names and patterns, by process type. */
  readonly patterns: readonly (readonly string[])[];
  readonly firstInMs: number;
  readonly everyMs: number;
  /** Whether what was seen (by process type, at an epoch time in ms) needs a tick before the next slot. */
  needsTick(seen: readonly Takeable[], at: number): boolean;
};

export type SlotTimes = {
  /** The tick came before its slot. */
  readonly early: boolean;
  readonly untilSlotMs: number;
  /** The shortest time between two slots. */
  readonly shortestMs: number;
};

const PEEK_EVERY_MS = 1000;
/** A thousand queues are peeked at in about 10 ms: this keeps peeks at about a hundredth of the time. */
const PEEK_EVERY_MS_PER_QUEUE = 1;
/** A burst that lasts is followed, but not by a tick each second: each may cost requests to the platform. */
const EARLY_TICKS_APART_MS = 5000;
/** After an early tick that found no need of more workers. */
const NEEDLESS_TICKS_APART_MS = 30_000;
/** A longer time without a slot is a pause that the schedule makes on purpose. */
const LONGEST_GAP_IN_SLOTS = 4;
const NOTHING_SEEN: Takeable = new Map();

/**
 * What to watch until the next slot; undefined: nothing. Only a clock with the lease watches, and only process types that it
 * may scale up.
 */
export function watchAfter(
  { tick, carried }: { readonly tick: Tick; readonly carried: Carried },
  processTypes: readonly ProcessTypeSettings[],
  { early, untilSlotMs, shortestMs }: SlotTimes,
): Watch | undefined {
  if (tick.standby || untilSlotMs > shortestMs * LONGEST_GAP_IN_SLOTS) return undefined;
  const watched = processTypes.flatMap((settings, index) => {
    const outcome = tick.outcomes[index];
    const made = outcome && decisionMade(outcome, tick.at, carried);
    // MAX_STEP_UP is the largest change in one tick: more ticks would be larger changes.
    return made === undefined || settings.maxStepUp !== undefined ? [] : { patterns: settings.queues, made };
  });
  const queues = sumOf(watched, ({ made }) => made.queues.length);
  const everyMs = Math.max(PEEK_EVERY_MS, queues * PEEK_EVERY_MS_PER_QUEUE);
  const apartMs = tick.outcomes.some(isRaise) ? EARLY_TICKS_APART_MS : NEEDLESS_TICKS_APART_MS;
  const firstInMs = Math.max(everyMs, early ? apartMs : 0);
  if (watched.length === 0 || firstInMs >= untilSlotMs) return undefined;
  return {
    patterns: watched.map(({ patterns }) => patterns),
    firstInMs,
    everyMs,
    needsTick: (seen, at) =>
      watched.some(({ made }, index) => outgrown(made, seen[index] ?? NOTHING_SEEN, at)),
  };
}

function isRaise(outcome: Outcome): boolean {
  return outcome.kind === 'resized' && outcome.decision.to > outcome.decision.from;
}

/** What there is to compare with; undefined where the type is not to be scaled up, or its quantity is not known. */
function decisionMade(outcome: Outcome, at: number, carried: Carried): DecisionMade | undefined {
  const decided = decidedOf(outcome);
  const { memory, foreseen } = carried?.get(outcome.processType) ?? {};
  const to = quantityAfter(outcome);
  if (decided === undefined || memory === undefined || to === undefined) return undefined;
  return {
    policy: decided.policy,
    memory,
    at,
    queues: decided.backlog.queues,
    working: Math.min(to, decided.working ?? to),
    expected: expectedAt(foreseen, at),
  };
}

function quantityAfter(outcome: Outcome): number | undefined {
  switch (outcome.kind) {
    case 'unchanged':
      return outcome.formation.quantity;
    case 'resized':
      return ['resized', 'published', 'shadow', 'dry-run'].includes(outcome.resized.kind)
        ? outcome.decision.to
        : undefined;
    case 'held':
      // These hold only what goes down.
      return ['unreadable', 'lapsed'].includes(outcome.hold.kind) ? outcome.formation.quantity : undefined;
    case 'failed':
      return undefined;
    default:
      return outcome satisfies never;
  }
}
