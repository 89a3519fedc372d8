import type { Controller } from './controller.ts';
import { peerControllers } from './peers/all.ts';
import type { PeerOptions } from './peers/peer.ts';
import { simulate, type SimulateOptions, type SimulationRun } from './simulate.ts';
import { smallestFixed } from './smallest-fixed.ts';
import { tableOf, type Workload } from './workload.ts';

export type CompareOptions = Omit<SimulateOptions, 'table'> & {
  /** The bounds of every peer. */
  readonly bounds: PeerOptions;
};

/** Simulates a workload under each of `ours`, under every peer, and under the smallest fixed quantity that is in time. */
export async function compare(
  workload: Workload,
  ours: readonly Controller[],
  { bounds, platform, maxWaitMs, onProgress }: CompareOptions,
): Promise<SimulationRun[]> {
  const options = { platform, maxWaitMs, table: tableOf(workload.jobs) };
  const controllers = [...ours, ...peerControllers(workload, bounds, maxWaitMs)];
  const total = controllers.length + 1;
  const runs: SimulationRun[] = [];
  for (const [index, controller] of controllers.entries()) {
    const reportProgress = (share: number): void => onProgress?.((index + share) / total);
    runs.push(await simulate(workload, controller, { ...options, onProgress: reportProgress }));
  }
  runs.push(await smallestFixed(workload, bounds.max, options));
  onProgress?.(1);
  return runs;
}
