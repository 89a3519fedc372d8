import { desiredQuantity } from './desired.ts';
import { isInSight } from './expected.ts';
import { LOAD_SPAN_MS } from './learn.ts';
import type { Memory } from './memory.ts';
import { sumOf } from './sum.ts';
import type { ExpectedBurst, Observation, Policy, QueueObservation } from './types.ts';

/** Jobs that a worker could take at one instant, by queue. A queue that is missing was not read. */
export type Takeable = ReadonlyMap<string, number>;

/** What a decision was made from, and what it left. */
export type DecisionMade = {
  readonly policy: Policy;
  /** As the decision left it. */
  readonly memory: Memory;
  /** Epoch ms of the decision, and the queues that it saw. */
  readonly at: number;
  readonly queues: readonly QueueObservation[];
  /** Workers that were left to take jobs: those that drain can be called back. */
  readonly working: number;
  readonly expected?: readonly ExpectedBurst[] | undefined;
};

/** Arrivals vary by the root of their number (Poisson); so many times that is more than chance. */
const NOISE = 2;
/** What is left of chance after this time is jobs that wait. */
const NOISE_SPAN_MS = 10_000;

/**
 * Whether the jobs that came since a decision need more workers than it left to take jobs. Jobs that it saw, jobs that it saw
 * would fall due, bursts that it expected, and as many more as chance brings in a few seconds at the load of the last minutes are no reason to decide again.
 */
export function outgrown(made: DecisionMade, takeable: Takeable, at: number): boolean {
  const { policy, memory, queues, working, expected = [] } = made;
  const elapsedMs = at - made.at;
  // After the system clock was set back, the next slot decides.
  if (elapsedMs <= 0) return false;
  const learned = new Map(memory.queues);
  const seen = queues.map((queue): Growth => {
    const upcoming = learned.get(queue.name)?.upcoming ?? [];
    const due = sumOf(upcoming, ([dueAt, jobs]) => (dueAt <= at ? jobs : 0));
    return growthOf(queue, due, takeable.get(queue.name));
  });
  const more = sumOf(seen, ({ unforeseen }) => unforeseen);
  const arrivals = sumOf(memory.queues, ([, { arrivals: recent }]) => recent);
  const usual = (arrivals * Math.min(elapsedMs, NOISE_SPAN_MS)) / LOAD_SPAN_MS;
  // Where a single job is rare, it is none of many that come by chance.
  const noise = NOISE * Math.min(usual, Math.sqrt(usual));
  const came = expected.some((burst) => isInSight(policy, burst, at) && !isInSight(policy, burst, made.at));
  if (more <= noise && !came) return false;
  const observation: Observation = {
    at,
    quantity: working,
    queues: seen.map(({ queue }) => queue),
    expected,
  };
  return desiredQuantity(policy, memory, observation).limited > working;
}

type Growth = { readonly queue: QueueObservation; readonly unforeseen: number };

/** The queue as it is now, as far as the jobs show that a worker could take; and how many of them no one foresaw. */
function growthOf(before: QueueObservation, due: number, takeable: number | undefined): Growth {
  // A paused queue shows no jobs, and one that shows some is not paused any more.
  if (takeable === undefined || (before.paused && takeable === 0)) return { queue: before, unforeseen: 0 };
  const listed = before.waiting + before.prioritized + before.due;
  const known = (before.paused ? 0 : listed) + due;
  const queue = {
    ...before,
    paused: false,
    waiting: takeable,
    prioritized: 0,
    due: 0,
    dueSoon: Math.max(0, before.dueSoon - before.due - due),
    delayed: Math.max(0, Math.max(before.delayed ?? 0, before.due) - before.due - due),
    added: before.added + Math.max(0, takeable - listed - due),
  };
  return { queue, unforeseen: Math.max(0, takeable - known) };
}
