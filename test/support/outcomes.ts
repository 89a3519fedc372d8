import { HEROKU } from '../../src/adapters/heroku/platform.ts';
import { decidedOf, failureIn, type Decided, type Hold, type Outcome } from '../../src/control/outcome.ts';
import { policyAt } from '../../src/control/policy.ts';
import type { Policy } from '../../src/core/types.ts';
import type { Failure } from '../../src/failure.ts';
import type { Resized } from '../../src/ports/platform.ts';
import { processType } from './ports.ts';

/** What was decided, with what came of it. */
export type Result = Decided & {
  readonly outcome: Outcome;
  readonly hold?: Hold | undefined;
  readonly resized?: Resized | undefined;
  readonly failure?: Failure | undefined;
};

export function resultOf(outcome: Outcome | undefined): Result {
  const decided = outcome && decidedOf(outcome);
  if (outcome === undefined || decided === undefined) throw new Error('nothing was decided');
  return {
    ...decided,
    outcome,
    hold: outcome.kind === 'held' ? outcome.hold : undefined,
    resized: outcome.kind === 'resized' ? outcome.resized : undefined,
    failure: failureIn(outcome),
  };
}

/** The policy of a process type that nothing is known of yet. */
export function policyOf(settings = processType(), tickMs = 10_000): Policy {
  const formation = { quantity: 3, others: new Map(), size: '', platform: HEROKU };
  const policy = policyAt(settings, {}, formation, 0);
  return { ...policy, tickMs, noun: undefined, nameVariable: undefined };
}
