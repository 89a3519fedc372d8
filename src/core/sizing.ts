import type { Demand } from './demand.ts';
import { startGroupsOf, type Capacity } from './capacity.ts';
import { serviceMsOf, type Learned } from './learn.ts';
import { passageThrough, type LimiterPassage } from './rate-limiter.ts';
import { withServiceTimes } from './service-times.ts';
import type { Policy, QueueObservation } from './types.ts';
import { workersForWait } from './wait-rule.ts';

/** Dynos for the demand before any limit, and the words for the step. */
export type Desired = {
  readonly count: number;
  /** What of it is worth remembering on the way down. */
  readonly lasting: number;
  readonly note: string;
};

/** The backlog rule's ratio where a wait rule names none: the default of JOBS_PER_WORKER. */
const DEFAULT_JOBS_PER_WORKER = 100;
/** A dyno that the lasting load would fill by less than this part is not kept for it. */
const LEAST_FILL = 0.9;

export function size(
  policy: Policy,
  demands: readonly Demand[],
  queues: readonly QueueObservation[],
  learned: ReadonlyMap<string, Learned>,
  fleet: Capacity,
  at: number,
): Desired {
  const { sizing } = policy;
  const passages = passagesOf(policy, queues, learned);
  const byBacklog = (): Desired =>
    backlogWish(policy, sizing.jobsPerWorker ?? DEFAULT_JOBS_PER_WORKER, demands, passages);
  if (sizing.kind === 'backlog') return byBacklog();
  const rating = withServiceTimes(policy, sizing, queues, learned);
  if (rating === undefined) {
    const wish = byBacklog();
    return { ...wish, note: `${wish.note}, as it is not known yet how long a job takes` };
  }
  const count = workersForWait(policy, rating.queues, startGroupsOf(fleet, at, policy.bootMs));
  // With less time than a boot and a tick no dyno started now would be in time: then what was needed once is kept.
  const tight = rating.queues.some(({ maxWaitMs }) => maxWaitMs < policy.bootMs + policy.tickMs);
  const limitedNames = demands.flatMap(({ name, takeable }) =>
    takeable > 0 && passages.has(name) ? name : [],
  );
  const load = Math.max(0, Math.ceil(rating.load / policy.concurrency - LEAST_FILL));
  return {
    count,
    lasting: tight ? count : Math.min(count, load),
    note: waitNote(policy, rating.load, sizing.maxWaitMs) + limitedNote(limitedNames),
  };
}

function waitNote(policy: Policy, load: number, maxWaitMs: number): string {
  return `to start in ${maxWaitMs / 1000} s; the load keeps ${(load / policy.concurrency).toFixed(1)} busy`;
}

/** By queue, what its rate limiter lets through; those without one are not in it. */
function passagesOf(
  policy: Policy,
  queues: readonly QueueObservation[],
  learned: ReadonlyMap<string, Learned>,
): ReadonlyMap<string, LimiterPassage> {
  const horizonMs = policy.bootMs + policy.tickMs;
  const passages = new Map<string, LimiterPassage>();
  for (const queue of queues) {
    const record = learned.get(queue.name);
    if (record?.limiter === undefined) continue;
    const serviceMs = serviceMsOf(record);
    passages.set(queue.name, passageThrough(record.limiter, queue, serviceMs, horizonMs, policy.concurrency));
  }
  return passages;
}

/** As many names as a sentence bears. */
const NAMED = 3;

function limitedNote(names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `; more dynos cannot help ${names.slice(0, NAMED).join(', ')}${more}`;
}

/**
 * The backlog rule: `ceil(jobs / jobsPerWorker)` over all queues together, those due soon included. Rounded up, or 99
 * jobs at 100 a worker would never be served from zero. A queue that only so many jobs may run at once, or that a rate
 * limiter holds, cannot use more: 10,000 jobs behind a limit of 5 ask for 5 slots.
 */
function backlogWish(
  policy: Policy,
  jobsPerWorker: number,
  demands: readonly Demand[],
  passages: ReadonlyMap<string, LimiterPassage>,
): Desired {
  let dynos = 0;
  const capped: string[] = [];
  for (const demand of demands) {
    const passage = passages.get(demand.name);
    const asked = (demand.takeable + demand.upcoming) / jobsPerWorker;
    const useful = usefulDynos(policy, demand, jobsPerWorker, passage);
    if (useful < asked) capped.push(demand.name);
    dynos += Math.min(asked, useful);
  }
  const count = Math.max(0, Math.ceil(dynos - ROUNDING));
  return { count, lasting: count, note: `${jobsPerWorker} jobs a dyno${limitedNote(capped)}` };
}

/** Sums of fractions: 3 × 0.1 must not become four tenths of a dyno more. */
const ROUNDING = 1e-9;

/** How many dynos this queue could make use of, by its own limits. One of many that are rated together has no passage. */
function usefulDynos(
  policy: Policy,
  demand: Demand,
  jobsPerWorker: number,
  passage: LimiterPassage | undefined,
): number {
  const dynosFor = (slots: number): number => Math.ceil(slots / policy.concurrency - ROUNDING);
  const bySlots = dynosFor(demand.slotLimit ?? Infinity);
  const byRunning = demand.throttled ? Math.max(1, dynosFor(demand.running)) : Infinity;
  if (passage === undefined) return Math.min(bySlots, byRunning);
  return Math.min(bySlots, dynosFor(passage.slots), Math.max(1, passage.jobs / jobsPerWorker));
}
