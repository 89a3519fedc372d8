import { demandOf, type Demand } from './demand.ts';
import type { Memory } from './memory.ts';
import { peakOf, rememberPeak } from './peak.ts';
import { protect } from './protection.ts';
import { explain } from './reason.ts';
import { backlogWish } from './sizing.ts';
import type { Decision, Observation, Policy, Step } from './types.ts';

/** The backlog rule's ratio where a wait rule names none: the default of JOBS_PER_WORKER. */
const DEFAULT_JOBS_PER_WORKER = 100;

/**
 * One decision: demand → forecast → sizing → bounds → peak hold → step limit → protection, each stage leaving a step.
 * Pure: same arguments, same answer. Bounds have the last word on the way up (a floor above the current quantity is
 * reached at once), running jobs on the way down: they may keep a quantity above the maximum, never raise it.
 */
export function decide(
  policy: Policy,
  memory: Memory,
  observation: Observation,
): { decision: Decision; memory: Memory } {
  const { at, quantity: from } = observation;
  const demands = observation.queues.map(demandOf);
  const takeable = total(demands, 'takeable');
  const running = total(demands, 'running');
  const soon = total(demands, 'soon');

  const wish = backlogWish(policy, policy.sizing.jobsPerWorker ?? DEFAULT_JOBS_PER_WORKER, demands, from);
  const bounded = clamp(wish.count, policy.min, policy.max);

  const peaks = rememberPeak(memory.peaks, at, bounded, policy.scaleDownDelayMs);
  const held = bounded >= from ? bounded : Math.min(from, clamp(peakOf(peaks), policy.min, policy.max));

  // Limits of a step are the operator's wish for calm, bounds are a promise: where the two disagree, bounds win.
  const stepped = clamp(limitStep(policy, from, held), policy.min, policy.max);

  const { heldSince, ...kept } = protect(policy, observation, running, stepped, memory.heldSince);
  const to = kept.count;

  const steps: Step[] = [
    { stage: 'demand', count: takeable, note: `${running} running` },
    { stage: 'forecast', count: takeable + soon, note: soon > 0 ? `${soon} due within a boot` : undefined },
    { stage: 'sizing', ...wish },
    { stage: 'bounds', count: bounded, note: `${policy.min} to ${policy.max}` },
    { stage: 'peak hold', count: held },
    { stage: 'step limit', count: stepped },
    { stage: 'protection', ...kept },
  ];
  return {
    decision: { from, to, reason: explain(policy, from, to, steps), steps },
    memory: { ...memory, peaks, heldSince },
  };
}

function limitStep(policy: Policy, from: number, count: number): number {
  const up = from + (policy.maxStepUp ?? Infinity);
  const down = from - (policy.maxStepDown ?? Infinity);
  return clamp(count, down, up);
}

function total(demands: readonly Demand[], field: 'takeable' | 'soon' | 'running'): number {
  return demands.reduce((sum, demand) => sum + demand[field], 0);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
