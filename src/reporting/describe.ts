import type { Decided, Hold, Outcome } from '../control/outcome.ts';
import { counted, instant } from '../core/words.ts';
import type { LimitEntry } from '../journal/entry.ts';
import type { ObservedLimit, Resized } from '../ports/platform.ts';

/** One line for people: what was decided, the result, and why. */
export function describe(outcome: Outcome): string {
  const { processType } = outcome;
  switch (outcome.kind) {
    case 'failed': {
      const { failure, decided } = outcome;
      const what =
        decided === undefined ? 'cannot read state; holding' : `could not set ${decided.decision.to}`;
      return `${processType}: ${what}: ${failure.message}. ${failure.remedy}`;
    }
    case 'held':
      return `${processType}: held at ${outcome.decision.from}: ${describeHold(outcome.hold)} (${outcome.decision.reason})`;
    case 'unchanged':
      return `${processType}: ${outcome.decision.reason}`;
    case 'resized':
      return `${processType}: ${describeResized(outcome, outcome.resized)}`;
    default:
      return outcome satisfies never;
  }
}

function describeResized({ decision }: Decided, resized: Resized): string {
  const { from, to, reason } = decision;
  switch (resized.kind) {
    case 'resized':
      return `set to ${[resized.quantity, resized.size].join(' ').trim()}: ${reason}`;
    case 'limited': {
      const { count, counts } = resized.limit;
      const scope = counts === 'app' ? ' for the whole app' : '';
      return `set to ${resized.quantity}: the platform allows no more than ${count}${scope} (${reason})`;
    }
    case 'overtaken':
      // The quantity is part of an object that other clients and controllers write to.
      return resized.quantity === from
        ? `not set to ${to}: the platform's object changed between reading and writing; next attempt at the next tick`
        : `left at ${resized.quantity}, which another client set in the meantime`;
    case 'withheld':
      return `not set to ${to}: the platform would remove ${resized.worker}, which is not drained; next attempt at the next tick`;
    case 'unknown':
      return `tried to set ${to}; the result is unknown: ${resized.failure.message}. ${resized.failure.remedy}`;
    case 'published':
      return `published ${resized.wanted} for the platform's autoscaler to set, now ${resized.quantity}: ${reason}`;
    case 'shadow':
      return `would set ${resized.quantity} (shadow): ${reason}`;
    case 'dry-run':
      return `would set ${to} (dry run): ${reason}`;
    default:
      return resized satisfies never;
  }
}

/** Why the platform does not run as many workers as are set. */
export function describeLimit(
  { kind, count, reason }: ObservedLimit,
  quantity: number,
  noun = 'worker',
  bound: 'MIN_WORKERS' | 'MAX_WORKERS' = 'MAX_WORKERS',
): LimitEntry {
  const some = `${count} of ${counted(quantity, noun)}`;
  return kind === 'refused'
    ? {
        kind,
        message: `a quota or another rule allows ${some}: ${reason}`,
        remedy: `Raise the quota, change the rule, or lower ${bound}.`,
      }
    : {
        kind,
        message: `${some} ${count === 1 ? 'runs' : 'run'}, the others are unschedulable: ${reason}`,
        remedy: `Add nodes, lower what each ${noun} requests, or lower ${bound}.`,
      };
}

export function describeHold(hold: Hold): string {
  switch (hold.kind) {
    case 'paused':
      return hold.until === undefined
        ? `paused by ${hold.by} until resumed`
        : `paused by ${hold.by} until ${instant(hold.until)}`;
    case 'unreadable':
      return `no scaling down while queues cannot be read: ${hold.queues.join(', ')}`;
    case 'manual':
      return hold.until === undefined
        ? 'scaled to 0 manually; autoscaling suspended until it is above 0'
        : `scaled manually; autoscaling suspended until ${instant(hold.until)}`;
    case 'maintenance':
      return 'the app is in maintenance mode';
    case 'release':
      return 'a release of the app is in progress';
    case 'autoscaler':
      return `another autoscaler sets the same quantity: ${hold.name}; remove it, or stop Drover`;
    case 'budget':
      return 'change budget used up; half of the API quota is left to other clients';
    case 'limit':
      return `the platform allows ${hold.limit}; next attempt at ${instant(hold.until)}`;
    case 'lapsed':
      return 'drain request expired; resending next tick';
    default:
      return hold satisfies never;
  }
}
