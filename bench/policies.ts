/**
 * Every policy on every workload: `npm run bench:policies [-- <wait in s>…]`. Prints, asserts nothing. Real workloads are
 * read where they are; see docs/simulator.md.
 */
import { compare } from '../src/sim/compare.ts';
import { droverController } from '../src/sim/drover-controller.ts';
import type { WorkerKind } from '../src/sim/simulation-ports.ts';
import type { Controller } from '../src/sim/controller.ts';
import type { Workload } from '../src/sim/workload.ts';
import { clairvoyantDynoSeconds } from './policies/bound.ts';
import { cases } from './policies/cases.ts';
import { policyOf } from './policies/policy-of.ts';
import { comparisonTable, summaryTable, targets, type Compared } from './policies/summary.ts';

const BOOT_MS = 30_000;
/** Enough for every workload here, so that no policy is held back by it. */
const BOUNDS = { min: 0, max: 500 };
const PLATFORM = { bootMs: BOOT_MS, bootSpread: 0, seed: 1 };
const KINDS = { 'Drover, helper': 'helper', 'Drover, named': 'named' } as const satisfies Record<
  string,
  WorkerKind
>;

const asked = process.argv.slice(2).map(Number);
for (const waitS of asked.length > 0 ? asked : [60, 10, 300]) await bench(waitS);

async function bench(waitS: number): Promise<void> {
  process.stdout.write(`\n== A job may wait ${waitS} s\n`);
  const all: Compared[] = [];
  for (const workload of cases()) {
    const runs = await compare(
      workload,
      await ours(workload, waitS * 1000),
      BOUNDS,
      PLATFORM,
      waitS * 1000,
    );
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
