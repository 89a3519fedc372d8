import type { Controller } from './controller.ts';
import { measure, type Figures } from './measure.ts';
import { tableOf, type JobTable, type Workload } from './workload.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

export type PlatformModel = Pick<SimulationOptions, 'bootMs' | 'bootSpread' | 'seed' | 'limiter'>;

/** The fleet over time, at equal steps. */
export type Series = {
  readonly stepMs: number;
  /** Jobs that could start. */
  readonly backlog: readonly number[];
  /** Dynos paid for. */
  readonly dynos: readonly number[];
  /** How long the oldest job that could start has waited, s. */
  readonly waitSeconds: readonly number[];
};

export type SimulationRun = { readonly name: string; readonly figures: Figures; readonly series: Series };

/** Points of a series: as many as a wide screen has pixels. */
const POINTS = 1200;
/** A policy that never gets its queue done is stopped this long after the workload's end. */
const PATIENCE_MS = 24 * 3_600_000;

export type Watch = {
  /** Share of the workload's time that is played, 0 to 1. Called some hundred times. */
  progress?(share: number): void;
};

/** Plays a workload under a controller to its last job, or to a day after its end. */
export async function simulate(
  workload: Workload,
  controller: Controller,
  platform: PlatformModel,
  maxWaitMs: number,
  watch: Watch = {},
  table: JobTable = tableOf(workload.jobs),
): Promise<SimulationRun> {
  const { concurrency, lengthMs } = workload;
  const world = new Simulation(table, { ...platform, concurrency, quantity: controller.min });
  const stepMs = Math.max(1000, lengthMs / POINTS);
  const series = { stepMs, backlog: [] as number[], dynos: [] as number[], waitSeconds: [] as number[] };
  let nextTick = 0;
  let nextSample = 0;
  while (!(world.done && world.at >= lengthMs) && world.at < lengthMs + PATIENCE_MS) {
    world.advance(Math.min(nextTick, nextSample));
    if (world.at === nextSample) {
      sample(world, series);
      if (series.dynos.length % 10 === 0) watch.progress?.(Math.min(1, world.at / lengthMs));
      nextSample += stepMs;
    }
    if (world.at === nextTick) {
      const ticked = controller.tick(world);
      if (ticked) await ticked;
      nextTick += controller.everyMs;
    }
  }
  return { name: controller.name, figures: measure(world, table, maxWaitMs), series };
}

function sample(
  world: Simulation,
  series: { readonly backlog: number[]; readonly dynos: number[]; readonly waitSeconds: number[] },
): void {
  const oldest = world.queues.oldestReadyAt(world.at);
  series.backlog.push(world.queues.takeable(world.at));
  series.dynos.push(world.workers.billedCount);
  series.waitSeconds.push(oldest === Infinity ? 0 : (world.at - oldest) / 1000);
}
