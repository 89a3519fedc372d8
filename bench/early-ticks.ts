/**
 * Simulates every workload with and without peeks between two slots: `npm run bench -- early-ticks [WAIT IN SECONDS]`.
 * Prints how many jobs were late and what it cost, with slots ten seconds and ten minutes apart, and asserts nothing.
 */
import { bootsAround, droverController, simulate, type Controller, type Workload } from '../src/sim/index.ts';
import { table } from '../src/cli/views/table.ts';
import { cases } from './policies/cases.ts';
import { policyOf } from './policies/policy-of.ts';

const BOUNDS = { min: 0, max: 500 };
/** Of 20 to 40 s. */
const PLATFORM = { boots: bootsAround(30_000), seed: 1 };

const maxWaitMs = Number(process.argv[2] ?? 60) * 1000;
for (const tickMs of [10_000, 600_000]) await bench(tickMs);

async function bench(tickMs: number): Promise<void> {
  console.log(`\n== A job may wait ${maxWaitMs / 1000} s, slots are ${tickMs / 1000} s apart`);
  const rows: string[][] = [];
  const ratios: number[] = [];
  for (const one of cases().found.filter(({ split }) => split === 'tuned')) {
    const workload = one.workload(1);
    const [slots, peeks] = [await run(workload, tickMs, false), await run(workload, tickMs, true)];
    ratios.push(peeks.dynoHours / slots.dynoHours);
    rows.push([
      workload.name,
      ratios.at(-1)?.toFixed(3) ?? '',
      ...[slots, peeks].map(({ late }) => `${(100 * late).toFixed(1)} %`),
      ...[slots, peeks].map(({ wait }) => wait.p95.toFixed(0)),
      ...[slots, peeks].map(({ ticks }) => String(ticks)),
      '',
    ]);
  }
  const heading = ['workload', 'cost with / without', 'late', 'with', 'p95 s', 'with', 'ticks', 'with', ''];
  console.log(table([heading, ...rows]).join('\n'));
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  console.log(`cost, geometric mean: ${mean.toFixed(3)}`);
}

async function run(
  workload: Workload,
  tickMs: number,
  peeks: boolean,
): Promise<{ dynoHours: number; late: number; wait: { p95: number }; ticks: number }> {
  const { settings } = await policyOf(BOUNDS, workload.concurrency, maxWaitMs);
  const drover = droverController({ name: 'Drover', workers: 'helper', tickMs, settings });
  let ticks = 0;
  const counted: Controller = {
    name: drover.name,
    everyMs: drover.everyMs,
    min: drover.min,
    max: drover.max,
    async tick(simulation) {
      ticks += 1;
      await drover.tick(simulation);
    },
    get watch() {
      return peeks ? drover.watch : undefined;
    },
  };
  const { figures } = await simulate(workload, counted, { platform: PLATFORM, maxWaitMs });
  return { ...figures, ticks };
}
