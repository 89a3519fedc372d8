/**
 * Simulates every policy on every workload: `npm run bench -- policies [<wait in s>…]`. Prints tables and asserts nothing.
 * It includes recorded workloads where their files exist; see docs/simulator.md.
 */
import {
  bootsAround,
  compare,
  droverController,
  type Controller,
  type WorkerKind,
  type Workload,
} from '../src/sim/index.ts';
import { clairvoyantDynoSeconds } from './policies/bound.ts';
import { cases } from './policies/cases.ts';
import { policyOf } from './policies/policy-of.ts';
import { comparisonTable, summaryTable, targets, type Compared } from './policies/summary.ts';

const BOOT_MS = 30_000;
/** High enough that the maximum limits no policy on any workload here. */
const BOUNDS = { min: 0, max: 500 };
const PLATFORM = { boots: bootsAround(BOOT_MS), seed: 1 };
const KINDS = { 'Drover, helper': 'helper', 'Drover, named': 'named' } as const satisfies Record<
  string,
  WorkerKind
>;

const waits = process.argv.slice(2).map(Number);
for (const waitS of waits.length > 0 ? waits : [60, 10, 300]) await bench(waitS);

async function bench(waitS: number): Promise<void> {
  process.stdout.write(`\n== A job may wait ${waitS} s\n`);
  const all: Compared[] = [];
  for (const workload of cases()) {
    const runs = await compare(workload, await ours(workload, waitS * 1000), {
      bounds: BOUNDS,
      platform: PLATFORM,
      maxWaitMs: waitS * 1000,
    });
    const bound = await clairvoyantDynoSeconds(workload.jobs, workload.concurrency, waitS, BOOT_MS / 1000);
    const compared = { workload: workload.name, boundHours: bound / 3600, runs };
    all.push(compared);
    process.stdout.write(`\n${comparisonTable(compared)}\n`);
  }
  process.stdout.write(`\n${summaryTable(all)}\n\n`);
  const names = Object.keys(KINDS);
  for (const name of names) process.stdout.write(`${targets(all, name, names)}\n`);
}

async function ours({ concurrency }: Workload, maxWaitMs: number): Promise<Controller[]> {
  const { settings, tickMs } = await policyOf(BOUNDS, concurrency, maxWaitMs);
  return Object.entries(KINDS).map(([name, workers]) =>
    droverController({ name, workers, tickMs, settings }),
  );
}
