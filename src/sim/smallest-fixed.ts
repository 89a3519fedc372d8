import { fixedController } from './fixed-controller.ts';
import { simulate, type PlatformModel, type SimulationRun } from './simulate.ts';
import { tableOf, type JobTable, type Workload } from './workload.ts';

/** What counts as in time: this share of the jobs may be late. */
export const LATE_ALLOWED = 0.05;

/**
 * The smallest number of dynos that, never changed, leaves no more than the allowed share of jobs late; with `most`
 * still too few, that. Nobody knows it beforehand. More dynos never make a job later, so halving the range finds it.
 */
export async function smallestFixed(
  workload: Workload,
  platform: PlatformModel,
  maxWaitMs: number,
  most: number,
  table: JobTable = tableOf(workload.jobs),
): Promise<SimulationRun> {
  const play = (quantity: number): Promise<SimulationRun> =>
    simulate(workload, fixedController(quantity), platform, maxWaitMs, {}, table);
  let [low, high] = [1, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { figures } = await play(middle);
    if (figures.late <= LATE_ALLOWED) high = middle;
    else low = middle + 1;
  }
  return { ...(await play(low)), name: 'best fixed' };
}
