import { updateCapacity } from './capacity.ts';
import { desiredQuantity } from './desired.ts';
import { initialMemory, type Memory } from './memory.ts';
import { protect } from './protection.ts';
import { explain } from './reason.ts';
import type { Decision, Observation, Policy } from './types.ts';
import { isCount, isFiniteThroughout, unchangedDecision } from './validity.ts';

type Decided = { readonly decision: Decision; readonly memory: Memory };

/**
 * One decision: demand → forecast → sizing → bounds → peak hold → step limit → protection, each stage leaving a step.
 * Pure: same arguments, same answer. Bounds have the last word on the way up (a minimum above the current quantity is
 * set at once), running jobs on the way down: they may keep a quantity above the maximum, never raise it.
 *
 * Whatever the arguments, the answer is a whole number: where a memory leads to none, the decision is made without a
 * past, and where that does not help, the quantity stays.
 */
export function decide(policy: Policy, memory: Memory, observation: Observation): Decided {
  const decided = decideWith(policy, memory, observation);
  if (isDecision(decided)) return decided;
  const past = initialMemory(policy, observation.quantity, observation.at);
  const withoutPast = decideWith(policy, past, observation);
  if (isDecision(withoutPast)) return withoutPast;
  const decision = unchangedDecision(policy, observation);
  const kept = [memory, past].find(isFiniteThroughout);
  return { decision, memory: kept ?? initialMemory(policy, decision.to, 0) };
}

/**
 * Workers that the next tick will want if nothing changes until then. The others may drain meanwhile, so that none of
 * them is paid for a tick longer.
 */
export function wantedAtNextTick(policy: Policy, memory: Memory, observation: Observation): number {
  const next = { ...observation, at: observation.at + policy.tickMs };
  const { limited } = desiredQuantity(policy, memory, next);
  if (isCount(limited)) return limited;
  const past = initialMemory(policy, next.quantity, next.at);
  const withoutPast = desiredQuantity(policy, past, next).limited;
  return isCount(withoutPast) ? withoutPast : unchangedDecision(policy, next).limited;
}

function isDecision({ decision, memory }: Decided): boolean {
  const counts = [decision.from, decision.to, decision.limited].every(isCount);
  return counts && isFiniteThroughout(decision.steps) && isFiniteThroughout(memory);
}

function decideWith(policy: Policy, memory: Memory, observation: Observation): Decided {
  const { at, quantity: from } = observation;
  const desired = desiredQuantity(policy, memory, observation);
  const { needed, limited, work, peaks, queues, lateness, needs, waits } = desired;
  const { step, wait } = protect(policy, observation, limited, { running: work.running, before: memory });
  const to = step.count;
  const steps = [...desired.steps, step];
  return {
    decision: {
      from,
      to,
      needed,
      ...(work.reserved === undefined ? {} : { reserved: work.reserved.workers }),
      limited,
      reason: explain(policy, { from, to, needed, limited }, work, steps),
      steps,
      ...(waits === undefined ? {} : { waits }),
    },
    memory: {
      version: 1,
      peaks,
      queues,
      ...(lateness.length === 0 ? {} : { lateness }),
      ...(needs.length === 0 ? {} : { needs }),
      capacity: updateCapacity(desired.capacity, to, at, policy.bootMs),
      ...wait,
    },
  };
}
