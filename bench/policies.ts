/**
 * Simulates every policy on every workload: `npm run bench -- policies [WAIT IN SECONDS]… [--set tuned|reported]
 * [--only NAME,…] [--seeds N] [--no-peers]`. Prints tables and asserts nothing. It includes recorded workloads where their
 * files exist; see docs/policy.md.
 */
import { parseArgs } from 'node:util';

import {
  bootsAround,
  compare,
  droverController,
  simulate,
  type Controller,
  type SimulationRun,
  type WorkerKind,
  type Workload,
} from '../src/sim/index.ts';
import { clairvoyantDynoSeconds } from './policies/bound.ts';
import { cases, type Case } from './policies/cases.ts';
import { feedbackController } from './policies/feedback.ts';
import { policyOf } from './policies/policy-of.ts';
import { comparisonTable, summaryTable, targets, type Compared } from './policies/summary.ts';

const BOOT_MS = 30_000;
const BOOTS = bootsAround(BOOT_MS);
/** High enough that the maximum limits no policy on any workload here. */
const BOUNDS = { min: 0, max: 500 };
const KINDS = { 'Drover, helper': 'helper', 'Drover, named': 'named' } as const satisfies Record<
  string,
  WorkerKind
>;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    set: { type: 'string' },
    only: { type: 'string' },
    seeds: { type: 'string', default: '10' },
    'no-peers': { type: 'boolean', default: false },
  },
});
const SEEDS = Array.from({ length: Number(flags.seeds) }, (_, index) => index + 1);
const ONLY = flags.only?.split(',');

const { found, absent } = cases();
if (absent.length > 0)
  print(`Not here, so left out (DROVER_TRACES names their folder): ${absent.join(', ')}\n`);
const waits = positionals.map(Number);
for (const waitS of waits.length > 0 ? waits : [60, 10, 300])
  for (const split of ['tuned', 'reported'] as const) {
    if (flags.set !== undefined && flags.set !== split) continue;
    const chosen = found.filter(({ name, split: own }) => own === split && (ONLY?.includes(name) ?? true));
    if (chosen.length > 0) await bench(`${split} workloads, a job may wait ${waitS} s`, chosen, waitS);
  }

async function bench(title: string, chosen: readonly Case[], waitS: number): Promise<void> {
  print(`\n== ${title}; ${SEEDS.length} seeds, boots of 20 to 40 s\n`);
  const all: Compared[] = [];
  for (const one of chosen) {
    const compared = await comparedOn(one, waitS);
    all.push(compared);
    print(`\n${comparisonTable(compared)}\n`);
  }
  print(`\n${summaryTable(all)}\n\n`);
  const names = Object.keys(KINDS);
  for (const name of names) print(`${targets(all, name, names)}\n`);
}

/** The bound is that of the first seed: it takes longer than all simulations together. */
async function comparedOn({ name, workload }: Case, waitS: number): Promise<Compared> {
  const seeds: SimulationRun[][] = [];
  for (const seed of SEEDS) {
    process.stderr.write(`${name}, seed ${seed} of ${SEEDS.length}\n`);
    seeds.push(await runsOn(workload(seed), seed, waitS * 1000));
  }
  const { jobs, concurrency, lengthMs } = workload(1);
  const bound = await clairvoyantDynoSeconds(jobs, concurrency, waitS, BOOT_MS / 1000);
  return { workload: name, boundHours: bound / 3600, hours: lengthMs / 3_600_000, seeds };
}

async function runsOn(workload: Workload, seed: number, maxWaitMs: number): Promise<SimulationRun[]> {
  const platform = { boots: BOOTS, seed };
  const ours = await oursOn(workload, maxWaitMs);
  if (!flags['no-peers']) return await compare(workload, ours, { bounds: BOUNDS, platform, maxWaitMs });
  const runs: SimulationRun[] = [];
  for (const controller of ours) runs.push(await simulate(workload, controller, { platform, maxWaitMs }));
  return runs;
}

async function oursOn({ concurrency }: Workload, maxWaitMs: number): Promise<Controller[]> {
  const { settings, tickMs } = await policyOf(BOUNDS, concurrency, maxWaitMs);
  const sizing = { kind: 'wait' as const, maxWaitMs };
  const { scaleDownDelayMs } = settings;
  const policy = { ...BOUNDS, sizing, concurrency, tickMs, bootMs: BOOT_MS, scaleDownDelayMs };
  return [
    ...Object.entries(KINDS).map(([name, workers]) => droverController({ name, workers, tickMs, settings })),
    feedbackController(policy, maxWaitMs),
  ];
}

function print(text: string): void {
  process.stdout.write(text);
}
