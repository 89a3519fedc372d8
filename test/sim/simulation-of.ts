import type { BootModel } from '../../src/sim/boots.ts';
import type { Job } from '../../src/sim/workload.ts';
import { tableOf } from '../../src/sim/workload.ts';
import type { SimulationOptions } from '../../src/sim/simulation-options.ts';
import { Simulation } from '../../src/sim/simulation.ts';

/** Every boot takes 30 s. */
export const BOOTS: BootModel = { fromMs: 30_000, toMs: 30_000 };

/** A simulation of one-job dynos that boot in 30 s; nothing of it is drawn by chance but where a test is about that. */
export function simulationOf(list: readonly Job[], options: Partial<SimulationOptions> = {}): Simulation {
  return new Simulation(tableOf(list), {
    concurrency: 1,
    boots: BOOTS,
    quantity: 0,
    seed: 1,
    ...options,
  });
}

/** `count` jobs at one moment. */
export function jobs(count: number, atS: number, serviceS: number, rest: Partial<Job> = {}): Job[] {
  return Array.from({ length: count }, () => ({ atMs: atS * 1000, serviceMs: serviceS * 1000, ...rest }));
}

/** When each job first started, s, in the order of their arrival; NaN for those that have not. */
export function startsS(simulation: Simulation): number[] {
  return Array.from(simulation.startedAt, (ms) => ms / 1000);
}
