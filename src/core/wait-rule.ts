import type { StartGroup } from './capacity.ts';
import type { Batch } from './learn.ts';
import type { Policy } from './types.ts';

/** One queue as the wait rule sees it. */
export type TimedQueue = {
  readonly serviceMs: number;
  readonly maxWaitMs: number;
  readonly running: number;
  /** Jobs that wait, by how long they have; a negative age is a job that is ready only then. */
  readonly batches: readonly Batch[];
  /** Slots this queue can make use of, by its own limits. */
  readonly slotLimit: number;
};

/** Planned for a little less than what is allowed: service times vary, and ticks come when they come. */
const SPARE_PART = 0.05;
/** Of what the wait is longer than two boots: there a dyno works far longer than it boots, and time to spare costs little. */
const SPARE_PART_OF_LOOSE = 0.1;
/** A job that is all but late still gets this part of its wait after a boot, or one job would ask for the maximum. */
const LEAST_PART = 0.15;

/**
 * The fewest dynos that still start every waiting job in time, each counted from when it can take its first job. A slot
 * that is free for `t` starts 1 + v·t/S jobs of S each, with v = √(W / (W + S)): that a long job ends within the wait W
 * is possible, but not to be counted on. For each deadline, the jobs that must have started by then are put
 * on the dynos that run, then on those that boot, then on new ones. Of those last, only whole ones are started as long as
 * the next tick is still in time: a lone job waits for company, and one dyno serves both.
 */
export function workersForWait(
  policy: Policy,
  queues: readonly TimedQueue[],
  groups: readonly StartGroup[],
): number {
  const running = queues.reduce((sum, queue) => sum + queue.running, 0);
  // Even when nothing waits: what runs, runs somewhere.
  let wish = Math.ceil(running / policy.concurrency);
  for (const deadline of deadlinesOf(policy, queues))
    wish = Math.max(wish, dynosFor(policy, queues, groups, deadline));
  return wish;
}

type Deadline = { readonly inMs: number; readonly urgent: boolean };

/** The distinct times by which jobs have to start, and whether a dyno asked for at the next tick would be too late. */
function deadlinesOf(policy: Policy, queues: readonly TimedQueue[]): Deadline[] {
  const latest = policy.bootMs + policy.tickMs;
  const found = new Map<number, boolean>();
  for (const queue of queues) {
    for (const lot of queue.batches) {
      const inMs = startsIn(policy, queue, lot);
      const urgent = slackMs(policy, queue, lot) <= latest;
      found.set(inMs, (found.get(inMs) ?? false) || urgent);
    }
  }
  return [...found].map(([inMs, urgent]) => ({ inMs, urgent }));
}

function slackMs({ bootMs }: Policy, { maxWaitMs }: TimedQueue, { ageMs }: Batch): number {
  const spareMs = maxWaitMs * SPARE_PART + Math.max(0, maxWaitMs - 2 * bootMs) * SPARE_PART_OF_LOOSE;
  return maxWaitMs - spareMs - ageMs;
}

/** When a lot has to have started; what is too late for that, as soon as a new dyno could have done something. */
function startsIn(policy: Policy, queue: TimedQueue, lot: Batch): number {
  return Math.max(slackMs(policy, queue, lot), policy.bootMs + queue.maxWaitMs * LEAST_PART);
}

function dynosFor(
  policy: Policy,
  queues: readonly TimedQueue[],
  groups: readonly StartGroup[],
  { inMs, urgent }: Deadline,
): number {
  const { concurrency } = policy;
  const due = queues.map((queue) => ({
    ...queue,
    jobs: jobsDue(policy, queue, inMs),
    readyInMs: readyIn(policy, queue, inMs),
  }));
  /** Slots for a part of the waiting jobs, and for those that run, when the slots are free in so long. */
  const slotsFor = (part: number, fromMs: number, withRunning: boolean): number =>
    due.reduce((sum, queue) => {
      const freeMs = Math.max(0, inMs - Math.max(fromMs, queue.readyInMs));
      const jobs = part * queue.jobs + (withRunning ? queue.running : 0);
      return sum + Math.min(queue.slotLimit, jobs / startsOf(queue, freeMs));
    }, 0);

  let part = 1;
  let dynos = 0;
  for (const [index, group] of groups.entries()) {
    // What boots until after this deadline is still there for a later one.
    if (group.inMs < inMs && part > 0) {
      const first = index === 0;
      const slots = slotsFor(part, group.inMs, first);
      const have = group.dynos * concurrency;
      if (slots <= have) return dynos + Math.ceil(slots / concurrency - ROUNDING);
      const waiting = slotsFor(part, group.inMs, false);
      const spare = Math.max(0, have - (slots - waiting));
      part *= waiting > 0 ? Math.max(0, 1 - spare / waiting) : 0;
    }
    dynos += group.dynos;
  }
  const more = slotsFor(part, policy.bootMs, false) / concurrency;
  return dynos + (urgent ? Math.ceil(more - ROUNDING) : Math.floor(more + ROUNDING));
}

/** Jobs that a slot starts which is free for so long. */
function startsOf({ serviceMs, maxWaitMs }: TimedQueue, freeMs: number): number {
  const trust = Math.sqrt(maxWaitMs / (maxWaitMs + serviceMs));
  return 1 + (trust * freeMs) / serviceMs;
}

/** Jobs that have to start by a deadline, no more than the slots a queue may still use could start. */
function jobsDue(policy: Policy, queue: TimedQueue, inMs: number): number {
  const jobs = queue.batches.reduce(
    (sum, lot) => sum + (startsIn(policy, queue, lot) <= inMs ? lot.jobs : 0),
    0,
  );
  const slots = Math.max(0, queue.slotLimit - queue.running);
  return slots === Infinity ? jobs : Math.min(jobs, slots * startsOf(queue, inMs));
}

/** When the first of those jobs can be started; 0: now. */
function readyIn(policy: Policy, queue: TimedQueue, inMs: number): number {
  const lots = queue.batches.filter((lot) => lot.jobs > 0 && startsIn(policy, queue, lot) <= inMs);
  return lots.length === 0 ? 0 : Math.max(0, Math.min(...lots.map(({ ageMs }) => -ageMs)));
}

/** Sums of fractions: three thirds of a dyno must not become two dynos. */
const ROUNDING = 1e-9;
