import { smallestFixed } from './smallest-fixed.ts';
import type { Controller } from './controller.ts';
import { peerControllers } from './peers/all.ts';
import type { PeerOptions } from './peers/peer.ts';
import { simulate, type PlatformModel, type SimulationRun, type Watch } from './simulate.ts';
import { tableOf, type Workload } from './workload.ts';

/** Plays a workload under each of ours, under every peer, and under the best fixed number. All for one allowed wait. */
export async function compare(
  workload: Workload,
  ours: readonly Controller[],
  bounds: PeerOptions,
  platform: PlatformModel,
  maxWaitMs: number,
  watch: Watch = {},
): Promise<SimulationRun[]> {
  const table = tableOf(workload.jobs);
  const controllers = [...ours, ...peerControllers(workload, bounds, maxWaitMs)];
  const runs = controllers.length + 1;
  const played: SimulationRun[] = [];
  for (const [index, controller] of controllers.entries()) {
    const progress = (share: number): void => watch.progress?.((index + share) / runs);
    played.push(await simulate(workload, controller, platform, maxWaitMs, { progress }, table));
  }
  played.push(await smallestFixed(workload, platform, maxWaitMs, bounds.max, table));
  watch.progress?.(1);
  return played;
}
