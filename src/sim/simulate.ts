import type { Controller } from './controller.ts';
import { measure, type Figures } from './measure.ts';
import type { SimulationOptions } from './simulation-options.ts';
import { Simulation } from './simulation.ts';
import { tableOf, type JobTable, type Workload } from './workload.ts';

export type PlatformModel = Pick<SimulationOptions, 'boots' | 'seed' | 'limiter' | 'served'>;

export type SimulateOptions = {
  readonly platform: PlatformModel;
  /** A job that waits longer counts as late. */
  readonly maxWaitMs: number;
  /** Receives the simulated share of the workload's time, 0 to 1, some hundred times. */
  readonly onProgress?: ((share: number) => void) | undefined;
  /** The workload's jobs, for callers that simulate one workload several times. */
  readonly table?: JobTable | undefined;
};

/** Samples of a simulation at equal intervals. */
export type Series = {
  readonly stepMs: number;
  /** Jobs that could start. */
  readonly backlog: readonly number[];
  /** Workers that are billed. */
  readonly dynos: readonly number[];
  /** How long the oldest job that could start has waited, s. */
  readonly waitSeconds: readonly number[];
};

export type SimulationRun = { readonly name: string; readonly figures: Figures; readonly series: Series };

/** Samples of a series: as many as a wide screen has pixels. */
const SAMPLES = 1200;
/** The simulation of a policy that never finishes its jobs ends this long after the workload. */
const MAX_OVERTIME_MS = 24 * 3_600_000;

/** Runs a workload under a controller until the last job is done, or a day after the workload's end. */
export async function simulate(
  workload: Workload,
  controller: Controller,
  { platform, maxWaitMs, onProgress, table = tableOf(workload.jobs) }: SimulateOptions,
): Promise<SimulationRun> {
  const { concurrency, lengthMs } = workload;
  const simulation = new Simulation(table, { ...platform, concurrency, quantity: controller.min });
  const stepMs = Math.max(1000, lengthMs / SAMPLES);
  const series = { stepMs, backlog: [] as number[], dynos: [] as number[], waitSeconds: [] as number[] };
  let nextTick = 0;
  let nextPeek = Infinity;
  let nextSample = 0;
  while (!(simulation.done && simulation.at >= lengthMs) && simulation.at < lengthMs + MAX_OVERTIME_MS) {
    simulation.advance(Math.min(nextTick, nextPeek, nextSample));
    if (simulation.at === nextSample) {
      sample(simulation, series);
      if (series.dynos.length % 10 === 0) onProgress?.(Math.min(1, simulation.at / lengthMs));
      nextSample += stepMs;
    }
    const slot = simulation.at === nextTick;
    if (slot || (simulation.at === nextPeek && controller.watch?.needsTick(simulation) === true)) {
      // Most controllers answer at once: awaiting each tick would dominate the run time.
      const ticked = controller.tick(simulation);
      if (ticked) await ticked;
      if (slot) nextTick += controller.everyMs;
      nextPeek = simulation.at + (controller.watch?.firstInMs ?? Infinity);
    } else if (simulation.at === nextPeek) {
      nextPeek += controller.watch?.everyMs ?? Infinity;
    }
  }
  return { name: controller.name, figures: measure(simulation, table, maxWaitMs), series };
}

function sample(
  { at, queues, workers }: Simulation,
  series: { readonly backlog: number[]; readonly dynos: number[]; readonly waitSeconds: number[] },
): void {
  const oldest = queues.oldestReadyAt(at);
  series.backlog.push(queues.takeable(at));
  series.dynos.push(workers.billedCount);
  series.waitSeconds.push(oldest === Infinity ? 0 : (at - oldest) / 1000);
}
