import type { Demand } from './demand.ts';
import { groupsOf, type Fleet } from './fleet.ts';
import type { Learned } from './learn.ts';
import { rate } from './rate.ts';
import type { Policy, QueueObservation } from './types.ts';
import { waitWish } from './wait.ts';

/** Dynos for the demand before any limit, and the words for the step. */
export type Wish = {
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
  fleet: Fleet,
  at: number,
): Wish {
  const { sizing } = policy;
  const byBacklog = (): Wish => backlogWish(policy, sizing.jobsPerWorker ?? DEFAULT_JOBS_PER_WORKER, demands);
  if (sizing.kind === 'backlog') return byBacklog();
  const rating = rate(policy, sizing, queues, learned);
  if (rating === undefined) {
    const wish = byBacklog();
    return { ...wish, note: `${wish.note}, as it is not known yet how long a job takes` };
  }
  const count = waitWish(policy, rating.queues, groupsOf(fleet, at, policy.bootMs));
  // With less time than a boot and a tick no dyno started now would be in time: then what was needed once is kept.
  const tight = rating.queues.some(({ maxWaitMs }) => maxWaitMs < policy.bootMs + policy.tickMs);
  const load = Math.max(0, Math.ceil(rating.load / policy.concurrency - LEAST_FILL));
  return {
    count,
    lasting: tight ? count : Math.min(count, load),
    note: waitNote(policy, rating.load, sizing.maxWaitMs),
  };
}

function waitNote(policy: Policy, load: number, maxWaitMs: number): string {
  return `to start in ${maxWaitMs / 1000} s; the load keeps ${(load / policy.concurrency).toFixed(1)} busy`;
}

/**
 * The backlog rule: `ceil(jobs / jobsPerWorker)` over all queues together, those due soon included. Rounded up, or 99
 * jobs at 100 a worker would never be served from zero. A queue that only so many jobs may run at once, or whose rate
 * limiter is closed, cannot use more: 10,000 jobs behind a limit of 5 ask for 5 slots.
 */
function backlogWish(policy: Policy, jobsPerWorker: number, demands: readonly Demand[]): Wish {
  let dynos = 0;
  const capped: string[] = [];
  for (const demand of demands) {
    const asked = (demand.takeable + demand.soon) / jobsPerWorker;
    const useful = usefulDynos(policy, demand);
    if (useful < asked) capped.push(demand.name);
    dynos += Math.min(asked, useful);
  }
  const count = Math.max(0, Math.ceil(dynos - ROUNDING));
  const note = `${jobsPerWorker} jobs a dyno`;
  return {
    count,
    lasting: count,
    note: capped.length === 0 ? note : `${note}; more dynos cannot help ${capped.join(', ')}`,
  };
}

/** Sums of fractions: 3 × 0.1 must not become four tenths of a dyno more. */
const ROUNDING = 1e-9;

/** How many dynos this queue could make use of, by its own limits. */
function usefulDynos(policy: Policy, demand: Demand): number {
  const bySlots =
    demand.slotLimit === undefined ? Infinity : Math.ceil(demand.slotLimit / policy.concurrency);
  // While the limiter is closed no further dyno helps, but somebody has to be there when it opens.
  const byRate = demand.throttled ? Math.max(1, Math.ceil(demand.running / policy.concurrency)) : Infinity;
  return Math.min(bySlots, byRate);
}
