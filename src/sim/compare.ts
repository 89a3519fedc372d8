import { bestFixed } from './best-fixed.ts';
import type { Controller } from './controller.ts';
import { peers } from './peers/all.ts';
import type { PeerOptions } from './peers/peer.ts';
import { simulate, type Platform, type SimulationRun, type Watch } from './simulate.ts';
import { tableOf, type Workload } from './workload.ts';

/** Plays a workload under each of ours, under every peer, and under the best fixed number. All for one allowed wait. */
export async function compare(
  workload: Workload,
  ours: readonly Controller[],
  bounds: PeerOptions,
  platform: Platform,
  maxWaitMs: number,
  watch: Watch = {},
): Promise<SimulationRun[]> {
  const table = tableOf(workload.jobs);
  const controllers = [...ours, ...peers(workload, bounds, maxWaitMs)];
  const runs = controllers.length + 1;
  const played: SimulationRun[] = [];
  for (const [index, controller] of controllers.entries()) {
    const progress = (share: number): void => watch.progress?.((index + share) / runs);
    played.push(await simulate(workload, controller, platform, maxWaitMs, { progress }, table));
  }
  played.push(await bestFixed(workload, platform, maxWaitMs, bounds.max, table));
  watch.progress?.(1);
  return played;
}
