/**
 * What it costs not to kill a job, by what is known of the workers: `npm run bench -- protection [WORKLOAD]…`. Dyno-hours as
 * ratios to cooperating workers, and the share of late jobs, at a wait of 60 s and boots of 20 to 40 s.
 */
import {
  bootsAround,
  droverController,
  generate,
  simulate,
  WORKLOAD_NAMES,
  type WorkerKind,
} from '../src/sim/index.ts';
import { policyOf } from './policies/policy-of.ts';

const WAIT_MS = 60_000;
const HOURS = 8;
const BOUNDS = { min: 0, max: 500 };
const BOOTS = bootsAround(30_000);

const VARIANTS = [
  { name: 'cooperating', workers: 'helper', served: 'longestBlocked' },
  { name: 'named', workers: 'named', served: 'longestBlocked' },
  { name: 'named, lowest number served first', workers: 'named', served: 'lowestNumber' },
  { name: 'unnamed', workers: 'unnamed', served: 'longestBlocked' },
] as const satisfies readonly { name: string; workers: WorkerKind; served: string }[];

const chosen = process.argv.slice(2);
const ratios = new Map<string, number[]>(VARIANTS.map(({ name }) => [name, []]));
for (const workloadName of WORKLOAD_NAMES.filter((name) => chosen.length === 0 || chosen.includes(name))) {
  const workload = generate(workloadName, 1, HOURS);
  const { settings, tickMs } = await policyOf(BOUNDS, workload.concurrency, WAIT_MS);
  let cooperatingHours = Number.NaN;
  for (const { name, workers, served } of VARIANTS) {
    const controller = droverController({ name, workers, tickMs, settings });
    const platform = { boots: BOOTS, seed: 1, served };
    const { figures } = await simulate(workload, controller, { platform, maxWaitMs: WAIT_MS });
    if (name === 'cooperating') cooperatingHours = figures.dynoHours;
    const ratio = figures.dynoHours / cooperatingHours;
    ratios.get(name)?.push(ratio);
    console.log(`${workloadName}, ${name}: ${ratio.toFixed(2)}, ${(100 * figures.late).toFixed(1)} % late`);
  }
}
for (const [name, all] of ratios) {
  const mean = Math.exp(all.reduce((sum, ratio) => sum + Math.log(ratio), 0) / all.length);
  console.log(`all, ${name}: ${mean.toFixed(2)}`);
}
