import type { Hold, Outcome } from '../control/outcome.ts';

/** One line for a person: what was decided, what came of it, and why. */
export function describe(outcome: Outcome): string {
  const { processType } = outcome;
  if (outcome.kind === 'blind') {
    return `${processType}: holding, as something could not be read: ${outcome.failure.message}. ${outcome.failure.remedy}`;
  }
  const { decision, hold, resized, failure } = outcome;
  if (hold) return `${processType}: holding at ${decision.from}: ${describeHold(hold)} (${decision.reason})`;
  if (failure) return `${processType}: could not set ${decision.to}: ${failure.message}. ${failure.remedy}`;
  if (!resized) return `${processType}: ${decision.reason}`;
  switch (resized.kind) {
    case 'resized':
      return `${processType}: set to ${resized.quantity} ${resized.size}: ${decision.reason}`;
    case 'limited':
      return `${processType}: set to ${resized.quantity}: Heroku allows no more than ${resized.limit.count}${resized.limit.counts === 'app' ? ' for the whole app' : ''} (${decision.reason})`;
    case 'overtaken':
      return `${processType}: left at ${resized.quantity}, which another client set while this was being decided`;
    case 'unknown':
      return `${processType}: asked for ${decision.to}, and it is not known whether that was done: ${resized.failure.message}. ${resized.failure.remedy}`;
    case 'rehearsed':
      return `${processType}: would set ${decision.to}, but this is a dry run: ${decision.reason}`;
    default:
      return resized satisfies never;
  }
}

export function describeHold(hold: Hold): string {
  switch (hold.kind) {
    case 'paused':
      return hold.until === undefined
        ? `paused by ${hold.by} until it is resumed`
        : `paused by ${hold.by} until ${new Date(hold.until).toISOString()}`;
    case 'unreadable':
      return `not going down while queues cannot be read: ${hold.queues.join(', ')}`;
    case 'manual':
      return hold.until === undefined
        ? 'set to 0 by hand, hands off until it is above 0 again'
        : `set by hand, left alone until ${new Date(hold.until).toISOString()}`;
    case 'maintenance':
      return 'the app is in maintenance mode';
    case 'release':
      return 'a release of the app is in progress';
    case 'budget':
      return "after many changes the next waits, as half of the account's Heroku requests belong to its other users";
    case 'limit':
      return `the platform allows ${hold.limit}; the next attempt is at ${new Date(hold.until).toISOString()}`;
    case 'lapsed':
      return 'the workers have to be asked again to come to rest';
    default:
      return hold satisfies never;
  }
}
