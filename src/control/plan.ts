import { decide, wantedAtNextTick } from '../core/decide.ts';
import { initialMemory, type Memory } from '../core/memory.ts';
import type { WorkersReading } from '../core/drain.ts';
import { expectedAt } from '../core/foreseen.ts';
import { sameSize } from '../core/same-size.ts';
import {
  concurrencyAt,
  learnFromJobs,
  learnFromWorkers,
  observeQuantity,
  unansweredRise,
  uncertainAbove,
  type ScalingState,
} from '../core/scaling-state.ts';
import type { PlatformWords } from '../core/platform.ts';
import type { Decision, Policy } from '../core/types.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import type { Backlog, Pause, Remembered } from '../ports.ts';
import type { FormationState } from '../ports/platform.ts';
import { cooperates, whereJobsRun, type WhereJobsRun } from './drain.ts';
import type { Reading } from './observe.ts';
import type { Hold } from './outcome.ts';
import { platformLimitAt, policyAt } from './policy.ts';

/** What to do about one process type. */
export type Plan = {
  readonly policy: Policy;
  readonly decision: Decision;
  /** Set: the decision is not to be carried out. */
  readonly hold: Hold | undefined;
  /** Whether carrying it out takes a write: another quantity, or another dyno size. */
  readonly changes: boolean;
  /** Workers that the next tick will want if nothing changes: the others may drain meanwhile. */
  readonly nextWanted: number;
  /** Whether workers are asked to drain before they are removed. */
  readonly cooperating: boolean;
  readonly where: WhereJobsRun;
  /** Workers above this number have to drain: a change that got no answer may still remove them. Infinity: none. */
  readonly uncertainAbove: number;
  /** Workers were added since the last tick, or are by this one: under an older drain request they would pass for silent. */
  readonly added: boolean;
  readonly memory: Memory;
  readonly scaling: ScalingState;
};

/** `at` is epoch ms; `tickMs` lasts from this tick to the next; `platform` has the words for it. */
export type PlanContext = { readonly at: number; readonly tickMs: number; readonly platform: PlatformWords };

/** The pure part of a tick: from what was read and remembered to what is to be done. */
export function plan(
  { at, tickMs, platform }: PlanContext,
  settings: ProcessTypeSettings,
  { backlog, formation, workers, pause }: Reading,
  remembered: Remembered | undefined,
): Plan {
  const { quantity } = formation;
  const counted = observeQuantity(remembered?.scaling ?? {}, quantity, at, settings.manualHoldMs);
  const silent = workers.reports.length === 0 && concurrencyAt(counted, at) === undefined;
  const scaling = silent
    ? learnFromJobs(counted, backlog, formation.naming, at)
    : learnFromWorkers(counted, workers, at);
  const policy = { ...policyAt(settings, scaling, { ...formation, platform }, at), tickMs };
  const before = remembered?.memory ?? initialMemory(policy, quantity, at);
  const cooperating = cooperates(workers, formation.naming, concurrencyAt(scaling, at) !== undefined);
  const grew = quantity > (remembered?.scaling.quantity ?? 0);
  const where = whereJobsRun(
    backlog,
    cooperating ? sinceAdded(workers, grew) : undefined,
    formation,
    policy.bootMs,
  );
  const expected = expectedAt(remembered?.foreseen, at);
  const observation = {
    ...{ at, quantity, queues: backlog.queues, expected, ...where.seen },
    unansweredRise: unansweredRise(scaling, at),
  };
  const nextWanted = wantedAtNextTick(policy, before, observation);
  const { decision, memory } = decide(policy, before, { ...observation, nextWanted });
  return {
    policy,
    decision,
    hold: holdOn(decision, backlog, scaling, pause) ?? holdAtLimit(decision, formation, scaling, at),
    changes: decision.to !== quantity || !sameSize(settings.dynoSize ?? formation.size, formation.size),
    nextWanted,
    cooperating,
    where,
    uncertainAbove: uncertainAbove(scaling, at),
    added: grew || decision.to > quantity,
    memory,
    scaling,
  };
}

/** A worker that was just added has not been silent for as long as a request that is older. */
function sinceAdded(workers: WorkersReading, grew: boolean): WorkersReading {
  const { request } = workers;
  return grew && request !== undefined ? { ...workers, request: { ...request, ageMs: 0 } } : workers;
}

function holdOn(
  decision: Decision,
  backlog: Backlog,
  scaling: ScalingState,
  pause: Pause | undefined,
): Hold | undefined {
  if (pause) return { kind: 'paused', ...pause };
  if (scaling.manual) return { kind: 'manual', until: scaling.manual.until };
  // What could not be read may hold more jobs, never fewer: up is safe, down is not.
  if (decision.limited < decision.from && backlog.unreadable.length > 0) {
    return { kind: 'unreadable', queues: backlog.unreadable.map(({ queue }) => queue) };
  }
  return undefined;
}

/** More than the platform allows would be refused; it is tried again when the limit is no longer believed. */
function holdAtLimit(
  { from, to }: Decision,
  formation: FormationState,
  scaling: ScalingState,
  at: number,
): Hold | undefined {
  const { count, until } = platformLimitAt(scaling, formation, at);
  return to > from && from >= count ? { kind: 'limit', limit: count, until } : undefined;
}
