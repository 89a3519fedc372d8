import type { Memory } from './memory.ts';
import type { Observation, Policy, Step } from './types.ts';
import { counted, seconds } from './words.ts';

/** The step that protects running jobs, and what the next decision has to know of it; absent: they keep no worker. */
export type Protected = { readonly step: Step; readonly wait?: Wait | undefined };

type Wait = Pick<Memory, 'heldSince' | 'heldAt'>;

/** No drain request outlasts so much time without a decision, and its workers take jobs again: the longer of both. */
const LONGEST_GAP_MS = 90_000;
const LONGEST_GAP_TICKS = 3;

/**
 * The platform stops the highest numbers first, so every worker up to the highest that may run a job has to stay; without
 * numbers it removes those it is given, so as many as may run a job have to stay. This lasts no longer than the policy's
 * `drainTimeoutMs`; without one, as long as the jobs run.
 */
export function protect(
  policy: Policy,
  observation: Observation,
  wanted: number,
  { running, before }: { readonly running: number; readonly before: Wait },
): Protected {
  const { at, quantity: from, unansweredRise = 0 } = observation;
  const step = (count: number, note?: string): Step => ({ stage: 'protection', count, note });
  if (unansweredRise > from) {
    // Nor does the rise end the time for which running jobs have kept workers.
    const held = wanted < from && before.heldSince !== undefined;
    const wait = held ? { heldSince: waitingSince(policy, before, at), heldAt: at } : undefined;
    return { step: besideRise(policy, from, wanted, unansweredRise), wait };
  }
  if (wanted >= from) return { step: step(wanted) };
  const { floor, note } = floorOf(policy, observation, running);
  const count = Math.min(from, Math.max(wanted, floor));
  if (count === wanted) return { step: step(count) };
  const since = waitingSince(policy, before, at);
  const wait = { heldSince: since, heldAt: at };
  if (policy.drainTimeoutMs !== undefined && at - since >= policy.drainTimeoutMs) {
    const waited = `waited ${seconds(policy.drainTimeoutMs)} for running jobs on up to ${count}`;
    return { step: step(wanted, waited), wait };
  }
  return { step: step(count, note), wait };
}

function waitingSince({ tickMs }: Policy, { heldSince, heldAt }: Wait, at: number): number {
  if (heldSince === undefined || heldAt === undefined) return at;
  if (Math.abs(at - heldAt) > Math.max(LONGEST_GAP_MS, LONGEST_GAP_TICKS * tickMs)) return at;
  // After the clock was set back, the hold must not last longer.
  return Math.min(heldSince, at);
}

/**
 * A rise that got no answer may come before a change that is sent now, which would then remove workers that the rise has
 * added. So nothing below it is set until it has come, or counts as lost.
 */
function besideRise(policy: Policy, from: number, wanted: number, rise: number): Step {
  const count = wanted > from ? Math.max(wanted, Math.min(rise, policy.max)) : from;
  const note = count === wanted ? undefined : `a rise to ${rise} without a reply may still come`;
  return { stage: 'protection', count, note };
}

/** By the best that is known: workers' reports, the names on the jobs, or just the number of running jobs. */
function floorOf(
  policy: Policy,
  { quantity, busyOrdinal = 0, restingAbove, stillDraining, unattributed }: Observation,
  running: number,
): { readonly floor: number; readonly note?: string | undefined } {
  if (restingAbove !== undefined) {
    const draining = restingAbove > busyOrdinal;
    return {
      floor: Math.max(restingAbove, busyOrdinal),
      note: draining ? `${stillDraining ?? `number ${restingAbove}`} is still draining` : undefined,
    };
  }
  if (unattributed === undefined) {
    return { floor: Math.max(busyOrdinal, Math.ceil(running / policy.concurrency)) };
  }
  if (unattributed === 0) return { floor: busyOrdinal };
  const { noun = 'worker', nameVariable } = policy;
  const how = nameVariable === undefined ? '' : ` with $${nameVariable}`;
  return {
    floor: quantity,
    note: `${counted(unattributed, 'running job')} cannot be mapped to a ${noun}; name workers${how} to allow scaling down`,
  };
}
