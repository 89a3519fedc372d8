import type { Lateness } from './calibration.ts';
import { startGroupsOf, type Capacity } from './capacity.ts';
import type { Demand } from './demand.ts';
import { serviceMsOf, type Learned } from './learn.ts';
import type { QueueGroup } from './overflow-queues.ts';
import { passageThrough, type LimiterPassage } from './rate-limiter.ts';
import { withServiceTimes, type TimedQueues } from './service-times.ts';
import { plannedNote, plannedWaits } from './planned-wait.ts';
import type { PlannedWait, Policy, Reserve } from './types.ts';
import { isTight, workersForWait } from './wait-rule.ts';
import { grouped, seconds, workersText } from './words.ts';

/** Workers for the demand before any bound or limit, and the note of the step. */
export type Desired = {
  readonly count: number;
  /** The part of it to remember for the scale-down delay. */
  readonly lasting: number;
  readonly note: string;
  /** The part of the count that no job needs now. */
  readonly reserved?: Reserve | undefined;
  readonly waits?: readonly PlannedWait[] | undefined;
};

/** What one reading shows of the work and of the workers. `at` is epoch ms. */
export type Situation = {
  readonly at: number;
  readonly demands: readonly Demand[];
  /** The same queues, few enough to be learned apart. */
  readonly groups: readonly QueueGroup[];
  readonly learned: ReadonlyMap<string, Learned>;
  readonly capacity: Capacity;
  readonly lateness: Lateness;
  readonly reserve: Reserve;
};

/** The backlog rule's ratio where the wait rule names none: the default of JOBS_PER_WORKER. */
const DEFAULT_JOBS_PER_WORKER = 100;
/** A worker that the lasting load would fill by less than this part is not kept for it. */
const LEAST_FILL = 0.9;

/**
 * By the wait rule or the backlog rule; while no service time is known, by both, the larger counts: a backlog of long jobs
 * shows only in how long the running ones take.
 */
export function size(policy: Policy, situation: Situation): Desired {
  const { sizing } = policy;
  const { demands, groups, learned, lateness } = situation;
  const passages = passagesOf(policy, groups, learned);
  const byBacklog = sizeByBacklog(policy, sizing.jobsPerWorker ?? DEFAULT_JOBS_PER_WORKER, demands, passages);
  if (sizing.kind === 'backlog') return byBacklog;
  const timed = withServiceTimes(policy, sizing, { groups, learned, lateness });
  const note = `${byBacklog.note}, until the service time is known`;
  if (timed === undefined) return { ...byBacklog, note };
  const byWait = sizeByWait(policy, situation, timed, passages);
  const { soFarMs } = timed;
  if (soFarMs === undefined) return byWait;
  if (byWait.count <= byBacklog.count) return { ...byBacklog, note };
  return { ...byWait, note: `${note}; running jobs have taken ${(soFarMs / 1000).toFixed(0)} s so far` };
}

function sizeByWait(
  policy: Policy,
  { at, demands, capacity, lateness, reserve }: Situation,
  { queues, load }: TimedQueues,
  passages: ReadonlyMap<string, LimiterPassage>,
): Desired {
  const needed = workersForWait(policy, queues, startGroupsOf(capacity, at, policy.bootMs));
  const waits = plannedWaits(policy, queues, lateness);
  // With less time than a boot and a tick no new worker would be in time: then what was needed once is kept.
  const tight = queues.some(({ maxWaitMs }) => isTight(policy, maxWaitMs));
  const count = Math.max(needed, reserve.workers);
  const reserved = { ...reserve, workers: count - needed };
  const busy = load / policy.concurrency;
  const capped = demands.flatMap(({ name, takeable }) => (takeable > 0 && passages.has(name) ? name : []));
  return {
    count,
    lasting: tight ? count : Math.min(count, Math.max(0, Math.ceil(busy - LEAST_FILL))),
    note: `${plannedNote(waits)}; steady load ≈ ${busy.toFixed(1)} ${policy.noun ?? 'worker'}s${reserveNote(policy, reserve, { busy, reserved: reserved.workers })}${cappedNote(capped)}`,
    ...(reserved.workers === 0 ? {} : { reserved }),
    waits,
  };
}

/** `; 10 s needs 3 dynos idle, $75 a month`; `; 10 s needs 3 dynos ready` where the steady load keeps them busy. */
function reserveNote(
  policy: Policy,
  { workers, maxWaitMs }: Reserve,
  { busy, reserved }: { readonly busy: number; readonly reserved: number },
): string {
  const kept = Math.min(workers, policy.max);
  const idle = Math.round(kept - busy);
  if (maxWaitMs === undefined) return '';
  if (idle < 1)
    return reserved === 0 ? '' : `; ${seconds(maxWaitMs)} needs ${workersText(policy, kept)} ready`;
  const { monthlyPricePerWorker } = policy;
  const price =
    monthlyPricePerWorker === undefined
      ? ''
      : `, $${grouped(Math.round(idle * monthlyPricePerWorker))} a month`;
  return `; ${seconds(maxWaitMs)} needs ${workersText(policy, idle)} idle${price}`;
}

/** By queue, what its rate limiter lets through; queues without one are left out. */
function passagesOf(
  policy: Policy,
  groups: readonly QueueGroup[],
  learned: ReadonlyMap<string, Learned>,
): ReadonlyMap<string, LimiterPassage> {
  const passages = new Map<string, LimiterPassage>();
  for (const { queue } of groups) {
    const record = learned.get(queue.name);
    if (record?.limiter === undefined) continue;
    passages.set(queue.name, passageThrough(policy, record.limiter, queue, serviceMsOf(record)));
  }
  return passages;
}

/** More names than this make a note unreadable. */
const MOST_NAMES = 3;

function cappedNote(names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return `; more workers cannot help ${names.slice(0, MOST_NAMES).join(', ')}${more}, which ${names.length === 1 ? 'has a limit' : 'have limits'} of ${names.length === 1 ? 'its' : 'their'} own`;
}

/**
 * The backlog rule: `ceil(jobs / jobsPerWorker)` over all queues together, upcoming jobs included. Rounded up, or 99 jobs
 * at 100 a worker would never be served from zero. A queue with a concurrency limit or a rate limiter cannot use more
 * workers than that limit lets work: 10,000 jobs behind a limit of 5 need 5 slots.
 */
function sizeByBacklog(
  policy: Policy,
  jobsPerWorker: number,
  demands: readonly Demand[],
  passages: ReadonlyMap<string, LimiterPassage>,
): Desired {
  let workers = 0;
  const capped: string[] = [];
  for (const demand of demands) {
    const needed = (demand.takeable + demand.upcoming) / jobsPerWorker;
    const usable = usableWorkers(policy, demand, jobsPerWorker, passages.get(demand.name));
    if (usable < needed) capped.push(demand.name);
    workers += Math.min(needed, usable);
  }
  const count = Math.max(0, Math.ceil(workers - ROUNDING));
  const note = `${jobsPerWorker} jobs per ${policy.noun ?? 'worker'}${cappedNote(capped)}`;
  return { count, lasting: count, note };
}

/** Sums of fractions: 3 × 0.1 must not become four tenths of a worker. */
const ROUNDING = 1e-9;

/** How many workers this queue can use, by its own limits. A merged queue has no passage of its own. */
function usableWorkers(
  policy: Policy,
  demand: Demand,
  jobsPerWorker: number,
  passage: LimiterPassage | undefined,
): number {
  const workersFor = (slots: number): number => Math.ceil(slots / policy.concurrency - ROUNDING);
  const bySlots = workersFor(demand.slotLimit);
  const byRunning = demand.throttled ? Math.max(1, workersFor(demand.running)) : Infinity;
  if (passage === undefined) return Math.min(bySlots, byRunning);
  return Math.min(bySlots, workersFor(passage.slots), Math.max(1, passage.jobs / jobsPerWorker));
}
