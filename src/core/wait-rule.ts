import type { StartGroup } from './capacity.ts';
import type { Batch } from './learn.ts';
import { sumOf } from './sum.ts';
import type { Policy } from './types.ts';

/** What the wait rule needs to know about one queue. */
export type TimedQueue = {
  readonly name: string;
  readonly serviceMs: number;
  readonly maxWaitMs: number;
  /** How much of the wait is kept in reserve, 0 to 1. */
  readonly margin: number;
  readonly running: number;
  readonly batches: readonly Batch[];
  /** Slots this queue can use, by its own limits. */
  readonly slotLimit: number;
};

/** How little is counted on slots that have to become free: this exponent without a margin, the second with all of it. */
const TRUST_EXPONENT = [0.5, 8] as const;
/** A job that is almost late gets this part of its wait after a boot, or a single job would need the maximum. */
const LEAST_PART = 0.15;

/**
 * The fewest workers that start every waiting job in time, each counted from the moment it can take its first job. A slot
 * that is free for `t` starts 1 + v·t/S jobs of S each, with v = (W / (W + S))^k: a long job may end within the wait W, but
 * that cannot be counted on, and the less (k from ½ to 8), the more jobs were late. For each deadline, the jobs that must have started by then are assigned to the workers
 * that run, then to those that boot, then to new ones. While the next tick is still in time, only whole new workers are
 * started: a single job waits for more jobs, and one worker serves them all.
 */
export function workersForWait(
  policy: Policy,
  queues: readonly TimedQueue[],
  groups: readonly StartGroup[],
): number {
  // Running jobs need their workers even when nothing waits.
  let desired = Math.ceil(sumOf(queues, ({ running }) => running) / policy.concurrency);
  for (const deadline of deadlinesOf(policy, queues))
    desired = Math.max(desired, workersFor(policy, queues, groups, deadline));
  return desired;
}

type Deadline = { readonly inMs: number; readonly urgent: boolean };

/** The distinct times by which jobs have to start, and whether a worker added at the next tick would be too late. */
function deadlinesOf(policy: Policy, queues: readonly TimedQueue[]): Deadline[] {
  const latest = policy.bootMs + policy.tickMs;
  const found = new Map<number, boolean>();
  for (const queue of queues) {
    for (const batch of queue.batches) {
      const inMs = startsIn(policy, queue, batch);
      const urgent = slackMs(policy, queue, batch) <= latest;
      found.set(inMs, (found.get(inMs) ?? false) || urgent);
    }
  }
  return [...found].map(([inMs, urgent]) => ({ inMs, urgent }));
}

/**
 * The part of the wait that is planned for: the whole without a margin, and with all of it the time in which a worker
 * added at the next tick is up, so that every job gets its worker at once.
 */
export function plannedMs(
  { bootMs, tickMs }: Pick<Policy, 'bootMs' | 'tickMs'>,
  { maxWaitMs, margin }: Pick<TimedQueue, 'maxWaitMs' | 'margin'>,
): number {
  return maxWaitMs - margin * Math.max(0, maxWaitMs - bootMs - tickMs);
}

function slackMs(policy: Policy, queue: TimedQueue, { ageMs }: Batch): number {
  return plannedMs(policy, queue) - ageMs;
}

/** When a batch has to have started; for one that is late already, as soon as a new worker could have started it. */
function startsIn(policy: Policy, queue: TimedQueue, batch: Batch): number {
  return Math.max(slackMs(policy, queue, batch), policy.bootMs + queue.maxWaitMs * LEAST_PART);
}

function workersFor(
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
  /** Slots needed for a part of the waiting jobs, and for the running ones, by slots that become free in `fromMs`. */
  const slotsFor = (part: number, fromMs: number, withRunning: boolean): number =>
    sumOf(due, (queue) => {
      const freeMs = Math.max(0, inMs - Math.max(fromMs, queue.readyInMs));
      const jobs = part * queue.jobs + (withRunning ? queue.running : 0);
      return Math.min(queue.slotLimit, jobs / startsOf(queue, freeMs));
    });

  let part = 1;
  let workers = 0;
  for (const [index, group] of groups.entries()) {
    // A group that boots until after this deadline still serves a later one.
    if (group.inMs < inMs && part > 0) {
      const first = index === 0;
      const slots = slotsFor(part, group.inMs, first);
      const have = group.workers * concurrency;
      if (slots <= have) return workers + Math.ceil(slots / concurrency - ROUNDING);
      const waiting = slotsFor(part, group.inMs, false);
      const spare = Math.max(0, have - (slots - waiting));
      part *= waiting > 0 ? Math.max(0, 1 - spare / waiting) : 0;
    }
    workers += group.workers;
  }
  const more = slotsFor(part, policy.bootMs, false) / concurrency;
  return workers + (urgent ? Math.ceil(more - ROUNDING) : Math.floor(more + ROUNDING));
}

/** Jobs that a slot starts when it is free for this long. */
export function startsOf(
  { serviceMs, maxWaitMs, margin }: Pick<TimedQueue, 'serviceMs' | 'maxWaitMs' | 'margin'>,
  freeMs: number,
): number {
  const [least, most] = TRUST_EXPONENT;
  const trust = (maxWaitMs / (maxWaitMs + serviceMs)) ** (least + margin * (most - least));
  return 1 + (trust * freeMs) / serviceMs;
}

/**
 * Jobs that have to start by a deadline, at most what the slots that the queue may use can start beside the running jobs.
 * Those that run now end: counting only the free slots would want fewer workers whenever a reading finds one between jobs.
 */
function jobsDue(policy: Policy, queue: TimedQueue, inMs: number): number {
  const jobs = sumOf(queue.batches, (batch) => (startsIn(policy, queue, batch) <= inMs ? batch.jobs : 0));
  const most = queue.slotLimit * startsOf(queue, inMs) - queue.running;
  return Math.min(jobs, Math.max(0, most));
}

/** When the first of those jobs can be started; 0: now. */
function readyIn(policy: Policy, queue: TimedQueue, inMs: number): number {
  const due = queue.batches.filter((batch) => batch.jobs > 0 && startsIn(policy, queue, batch) <= inMs);
  return due.length === 0 ? 0 : Math.max(0, Math.min(...due.map(({ ageMs }) => -ageMs)));
}

/** Less than a boot and a tick: no worker that is started for a job is in time for it. */
export function isTight({ bootMs, tickMs }: Pick<Policy, 'bootMs' | 'tickMs'>, maxWaitMs: number): boolean {
  return maxWaitMs < bootMs + tickMs;
}

/** Sums of fractions: three thirds of a worker must not become two workers. */
const ROUNDING = 1e-9;
