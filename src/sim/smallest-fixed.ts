import { fixedController } from './fixed-controller.ts';
import { simulate, type SimulateOptions, type SimulationRun } from './simulate.ts';
import { tableOf, type Workload } from './workload.ts';

/** A run counts as in time when at most this share of its jobs is late. */
export const LATE_ALLOWED = 0.05;

/**
 * The run with the smallest constant quantity that is in time; with `max` when even that is not. It takes knowledge of
 * the whole workload to choose it. Another worker never makes a job later, so a binary search finds it.
 */
export async function smallestFixed(
  workload: Workload,
  max: number,
  options: SimulateOptions,
): Promise<SimulationRun> {
  const { table = tableOf(workload.jobs) } = options;
  const run = async (quantity: number): Promise<SimulationRun> =>
    await simulate(workload, fixedController(quantity), { ...options, table, onProgress: undefined });
  let [low, high] = [1, max];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { figures } = await run(middle);
    if (figures.late <= LATE_ALLOWED) high = middle;
    else low = middle + 1;
  }
  return { ...(await run(low)), name: 'smallest fixed' };
}
