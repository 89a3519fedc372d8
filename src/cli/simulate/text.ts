import type { BootModel, SimulationRun, Workload } from '../../sim/index.ts';
import { number, span } from '../views/figures.ts';
import { table } from '../views/table.ts';
import { folded } from '../views/wrap.ts';

/** The workload and what each policy made of it. */
export type Simulation = {
  readonly workload: Workload;
  readonly maxWaitMs: number;
  /** What the policy plans with, and how the simulated dynos boot. */
  readonly bootMs: number;
  readonly boots: BootModel;
  readonly runs: readonly SimulationRun[];
  /** Where a recorded workload comes from. */
  readonly note?: string | undefined;
  /** Absent: Drover sizes by wait. */
  readonly jobsPerWorker?: number | undefined;
};

export const HEADING = ['policy', 'dyno-hours', 'p50', 'p95', 'p99', 'late', 'killed', 'changes', ''];

export function simulationText(simulation: Simulation): string {
  const notes = notesOf(simulation).flatMap((note) => folded(note));
  const top = [...folded(headline(simulation)), ...notes, ''];
  return [...top, ...table([HEADING, ...figureRows(simulation)]), '', LEGEND].join('\n');
}

/** Where a recorded workload comes from, and that the backlog rule considers no wait. */
export function notesOf({ note, jobsPerWorker, maxWaitMs }: Simulation): string[] {
  return [
    ...(note === undefined ? [] : [note]),
    ...(jobsPerWorker === undefined
      ? []
      : [
          `Drover sizes by JOBS_PER_WORKER=${jobsPerWorker}, whatever the wait. To size by wait: --max-wait ${maxWaitMs / 1000}.`,
        ]),
  ];
}

const LEGEND = folded(
  'Waits: seconds from when a job could start until it started. Smallest fixed: the smallest constant quantity with at most 5 % of the jobs late; it is known only in hindsight. docs/simulator.md describes each policy.',
).join('\n');

export function headline({ workload, maxWaitMs, boots }: Simulation): string {
  const jobs = `${workload.name}: ${number(workload.jobs.length)} jobs in ${span(workload.lengthMs)}`;
  return `${jobs}, concurrency ${workload.concurrency}, ${bootsText(boots)}, late after ${span(maxWaitMs)}`;
}

function bootsText({ fromMs, toMs, crashShare = 0, slowStart = 1 }: BootModel): string {
  const range = fromMs === toMs ? span(fromMs) : `${fixed(fromMs / 1000)} to ${fixed(toMs / 1000)} s`;
  return [
    `boots of ${range}`,
    ...(crashShare === 0 ? [] : [`${fixed(100 * crashShare)} % of them fail`]),
    ...(slowStart === 1 ? [] : [`first jobs ${fixed(slowStart)} times as long`]),
  ].join(', ');
}

/** At most one decimal. */
function fixed(value: number): string {
  return String(Math.round(10 * value) / 10);
}

/** One row per policy, under `HEADING`. */
export function figureRows({ runs }: Simulation): string[][] {
  return runs.map(({ name, figures: { dynoHours, wait, late, kills, changes } }) => [
    name,
    dynoHours.toFixed(1),
    ...[wait.p50, wait.p95, wait.p99].map(seconds),
    `${(100 * late).toFixed(1)} %`,
    number(kills),
    number(changes),
    '',
  ]);
}

function seconds(value: number): string {
  return number(Math.round(value));
}

/** Waits in seconds, shares from 0 to 1. */
export function simulationJson({ workload, maxWaitMs, bootMs, boots, runs, note }: Simulation): string {
  const { name, jobs, lengthMs, concurrency } = workload;
  return JSON.stringify(
    {
      workload: { name, jobs: jobs.length, hours: lengthMs / 3_600_000, concurrency, note },
      maxWaitSeconds: maxWaitMs / 1000,
      bootSeconds: bootMs / 1000,
      boots: {
        fromSeconds: boots.fromMs / 1000,
        toSeconds: boots.toMs / 1000,
        failedShare: boots.crashShare ?? 0,
        slowStart: boots.slowStart ?? 1,
      },
      policies: runs.map((run) => ({ name: run.name, ...run.figures })),
    },
    null,
    2,
  );
}
