import { decide } from '../core/decide.ts';
import { initialMemory, type Memory } from '../core/memory.ts';
import { countOf } from '../core/reason.ts';
import {
  concurrencyAt,
  learnFromCrew,
  seeQuantity,
  uncertainAbove,
  type Standing,
} from '../core/standing.ts';
import type { Decision, Policy } from '../core/types.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import type { Backlog, FormationState, Pause, Remembered } from '../ports.ts';
import { cooperates, whereJobsRun } from './crew.ts';
import type { Sight } from './observe.ts';
import type { Hold } from './outcome.ts';
import { platformLimitAt, policyAt } from './policy.ts';

/** What is to be done about what was seen of one process type. */
export type Judgement = {
  readonly policy: Policy;
  readonly decision: Decision;
  /** Set: the decision is not to be carried out. */
  readonly hold: Hold | undefined;
  /** Whether carrying it out takes a write: another quantity, or another dyno size. */
  readonly changes: boolean;
  /** Dynos that the next tick will want if nothing changes: the others may come to rest meanwhile. */
  readonly ahead: number;
  /** Whether the workers are asked to rest before they are stopped. */
  readonly cooperating: boolean;
  /** Dynos above this number have to rest: a change that got no answer may still remove them. Infinity: no such change. */
  readonly mostAtWork: number;
  readonly memory: Memory;
  readonly standing: Standing;
};

/** The pure part of a tick: from what was seen and remembered to what is to be done. */
export function judge(
  settings: ProcessTypeSettings,
  { backlog, formation, crew, pause }: Sight,
  remembered: Remembered | undefined,
  tickMs: number,
  at: number,
): Judgement {
  const { quantity } = formation;
  const standing = learnFromCrew(
    seeQuantity(remembered?.standing ?? {}, quantity, at, settings.manualHoldMs),
    crew,
    at,
  );
  const policy = policyAt(settings, standing, formation, tickMs, at);
  const before = remembered?.memory ?? initialMemory(policy, quantity, at);
  const cooperating = cooperates(crew, concurrencyAt(standing, at) !== undefined);
  const where = whereJobsRun(backlog, cooperating ? crew : undefined, formation, policy.bootMs);
  const observation = { at, quantity, queues: backlog.queues, ...where };
  // Asked a tick ahead, those that will not be needed use the time to come to rest, and are not paid for a tick longer.
  const next = decide(policy, before, { ...observation, at: at + tickMs }).decision;
  const ahead = countOf(next.steps, 'step limit');
  const { decision, memory } = decide(policy, before, { ...observation, nextWanted: ahead });
  return {
    policy,
    decision,
    hold: holdOn(decision, backlog, standing, pause) ?? holdAtLimit(decision, formation, standing, at),
    changes: decision.to !== quantity || wrongSize(settings, formation),
    ahead,
    cooperating,
    mostAtWork: uncertainAbove(standing, at),
    memory,
    standing,
  };
}

function holdOn(
  decision: Decision,
  backlog: Backlog,
  standing: Standing,
  pause: Pause | undefined,
): Hold | undefined {
  if (pause) return { kind: 'paused', ...pause };
  if (standing.manual) return { kind: 'manual', until: standing.manual.until };
  // More may wait in what could not be read, less cannot: up is safe, down is not.
  if (countOf(decision.steps, 'step limit') < decision.from && backlog.unreadable.length > 0) {
    return { kind: 'unreadable', queues: backlog.unreadable.map(({ queue }) => queue) };
  }
  return undefined;
}

/** More than the platform allows would be refused, and is tried again when its limit is no longer believed. */
function holdAtLimit(
  { from, to }: Decision,
  formation: FormationState,
  standing: Standing,
  at: number,
): Hold | undefined {
  const { count, until } = platformLimitAt(standing, formation, at);
  return to > from && from >= count ? { kind: 'limit', limit: count, until } : undefined;
}

/** Sizes are spelled `Standard-1X` by one generation of the platform and `standard-1x` by people. */
function wrongSize({ dynoSize }: ProcessTypeSettings, { size }: FormationState): boolean {
  return dynoSize !== undefined && dynoSize.toLowerCase() !== size.toLowerCase();
}
