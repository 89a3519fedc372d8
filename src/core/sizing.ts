import type { Demand } from './demand.ts';
import type { Policy } from './types.ts';

/** Dynos for the demand before any limit, and the words for the step. */
export type Wish = { readonly count: number; readonly note: string };

/**
 * The backlog rule: `ceil(jobs / jobsPerWorker)` over all queues together, those due soon included. Rounded up, or 99
 * jobs at 100 a worker would never be served from zero. A queue that only so many jobs may run at once, or whose rate
 * limiter is closed, cannot use more: 10,000 jobs behind a limit of 5 ask for 5 slots.
 */
export function backlogWish(
  policy: Policy,
  jobsPerWorker: number,
  demands: readonly Demand[],
  quantity: number,
): Wish {
  let dynos = 0;
  const capped: string[] = [];
  for (const demand of demands) {
    const asked = (demand.takeable + demand.soon) / jobsPerWorker;
    const useful = usefulDynos(policy, demand, quantity);
    if (useful < asked) capped.push(demand.name);
    dynos += Math.min(asked, useful);
  }
  const note = `${jobsPerWorker} jobs a dyno`;
  return {
    count: Math.max(0, Math.ceil(dynos - ROUNDING)),
    note: capped.length === 0 ? note : `${note}; more dynos cannot help ${capped.join(', ')}`,
  };
}

/** Sums of fractions: 3 × 0.1 must not become four tenths of a dyno more. */
const ROUNDING = 1e-9;

/** How many dynos this queue could make use of, by its own limits. */
function usefulDynos(policy: Policy, demand: Demand, quantity: number): number {
  const bySlots =
    demand.slotLimit === undefined ? Infinity : Math.ceil(demand.slotLimit / policy.concurrency);
  // While the limiter is closed the fleet must not grow for it, but somebody has to be there when it opens.
  const byRate = demand.throttled ? Math.max(1, quantity) : Infinity;
  return Math.min(bySlots, byRate);
}
