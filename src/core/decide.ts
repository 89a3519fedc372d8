import { demandOf, type Demand } from './demand.ts';
import { initialMemory, type Memory } from './memory.ts';
import { updateCapacity } from './capacity.ts';
import { learn, type Learned } from './learn.ts';
import { peakOf, rememberPeak } from './peak-hold.ts';
import { MOST_QUEUE_GROUPS, mergeOverflowQueues } from './overflow-queues.ts';
import { protect } from './protection.ts';
import { explain } from './reason.ts';
import { size } from './sizing.ts';
import { unchangedDecision, isCount, isFiniteThroughout } from './validity.ts';
import type { Decision, Observation, Policy, Step } from './types.ts';

type Decided = { readonly decision: Decision; readonly memory: Memory };

/**
 * One decision: demand → forecast → sizing → bounds → peak hold → step limit → protection, each stage leaving a step.
 * Pure: same arguments, same answer. Bounds have the last word on the way up (a floor above the current quantity is
 * reached at once), running jobs on the way down: they may keep a quantity above the maximum, never raise it.
 *
 * Whatever the arguments, the answer is a whole number: with a memory that leads to none it decides as with no past, and
 * holds where that does not help.
 */
export function decide(policy: Policy, memory: Memory, observation: Observation): Decided {
  const { quantity, at } = observation;
  const decided = pipeline(policy, memory, observation);
  if (isDecision(decided)) return decided;
  const past = initialMemory(policy, quantity, at);
  const withoutPast = pipeline(policy, past, observation);
  if (isDecision(withoutPast)) return withoutPast;
  const decision = unchangedDecision(policy, observation);
  const kept = [memory, past].find(isFiniteThroughout);
  return { decision, memory: kept ?? initialMemory(policy, decision.to, 0) };
}

function isDecision({ decision, memory }: Decided): boolean {
  return (
    isCount(decision.from) &&
    isCount(decision.to) &&
    isFiniteThroughout(decision.steps) &&
    isFiniteThroughout(memory)
  );
}

function pipeline(policy: Policy, memory: Memory, observation: Observation): Decided {
  const { at, quantity: from, nextWanted = 0 } = observation;
  const demands = observation.queues.map(demandOf);
  const takeable = total(demands, 'takeable');
  const running = total(demands, 'running');
  const upcoming = total(demands, 'upcoming');

  const { sizing } = policy;
  const limited = memory.queues.flatMap(([name, { limiter }]) => (limiter === undefined ? [] : name));
  const named = sizing.kind === 'wait' ? Object.keys(sizing.maxWaitMsByQueue ?? {}) : [];
  const queues = mergeOverflowQueues(observation.queues, new Set(named), new Set(limited));
  const before = new Map(memory.queues);
  const horizonMs = policy.bootMs + policy.tickMs;
  const learned = new Map(
    queues.map((queue) => [queue.name, learn(before.get(queue.name), queue, at, horizonMs)]),
  );
  const fleet = updateCapacity(memory.capacity, from, at, policy.bootMs);

  const wish = size(policy, demands, queues, learned, fleet, at);
  const bounded = clamp(wish.count, policy.min, policy.max);

  const peaks = rememberPeak(memory.peaks, at, Math.min(bounded, wish.lasting), policy.scaleDownDelayMs);
  const remembered = clamp(Math.max(bounded, peakOf(peaks)), policy.min, policy.max);
  // Cooperating dynos that the next tick wants are already back at work, so none of them may be stopped in this one.
  const held = bounded >= from ? bounded : Math.min(from, Math.max(remembered, nextWanted));

  // Limits of a step are the operator's wish for calm, bounds are a promise: where the two disagree, bounds win.
  const stepped = clamp(limitStep(policy, from, held), policy.min, policy.max);

  const { heldSince, ...kept } = protect(policy, observation, running, stepped, memory.heldSince);
  const to = kept.count;

  const steps: Step[] = [
    { stage: 'demand', count: takeable, note: `${running} running` },
    {
      stage: 'forecast',
      count: takeable + upcoming,
      note: upcoming > 0 ? `${upcoming} due within a boot` : undefined,
    },
    { stage: 'sizing', count: wish.count, note: wish.note },
    { stage: 'bounds', count: bounded, note: policy.boundsNote ?? `${policy.min} to ${policy.max}` },
    {
      stage: 'peak hold',
      count: held,
      note: held > Math.max(bounded, remembered) ? `${held} wanted at the next tick` : undefined,
    },
    { stage: 'step limit', count: stepped },
    { stage: 'protection', ...kept },
  ];
  return {
    decision: { from, to, reason: explain(policy, from, to, steps), steps },
    memory: {
      version: 1,
      peaks,
      queues: [...learned, ...unread(memory.queues, learned, at)],
      capacity: updateCapacity(fleet, to, at, policy.bootMs),
      ...(heldSince === undefined ? {} : { heldSince }),
    },
  };
}

/** A queue that cannot be read, or has no keys for a while, is sized by what was known of it for so long. */
const KEPT_UNREAD_MS = 3_600_000;

/** What is still known of queues that were not read now, those read last first, as far as there is place. */
function unread(
  before: Memory['queues'],
  learned: ReadonlyMap<string, Learned>,
  at: number,
): Memory['queues'] {
  return before
    .filter(([name, { at: seenAt }]) => !learned.has(name) && seenAt <= at && at - seenAt <= KEPT_UNREAD_MS)
    .toSorted(([, a], [, b]) => b.at - a.at)
    .slice(0, MOST_QUEUE_GROUPS - learned.size);
}

function limitStep(policy: Policy, from: number, count: number): number {
  const up = from + (policy.maxStepUp ?? Infinity);
  const down = from - (policy.maxStepDown ?? Infinity);
  return clamp(count, down, up);
}

function total(demands: readonly Demand[], field: 'takeable' | 'upcoming' | 'running'): number {
  return demands.reduce((sum, demand) => sum + demand[field], 0);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
