/** Measures how long a simulated day takes: 100,000 jobs, a tick every 10 s. `npm run bench -- simulated-day` */
import { bootsAround, droverController, randomFrom, simulate, type Job } from '../src/sim/index.ts';
import { policyOf } from './policies/policy-of.ts';

const JOBS = 100_000;
const DAY_MS = 24 * 3_600_000;
const RUNS = 5;

const random = randomFrom(1);
const jobs: Job[] = Array.from({ length: JOBS }, () => ({
  atMs: random() * DAY_MS,
  serviceMs: random() * 20_000,
}));
const platform = { boots: bootsAround(30_000), seed: 1 };
const { settings, tickMs } = await policyOf({ min: 0, max: 50 }, 2, 60_000);

for (let run = 0; run < RUNS; run += 1) {
  const ours = droverController({ name: 'Drover', settings, tickMs, workers: 'named' });
  const startedMs = performance.now();
  const workload = { name: 'day', jobs, lengthMs: DAY_MS, concurrency: 2 };
  const { figures } = await simulate(workload, ours, { platform, maxWaitMs: 60_000 });
  const tookMs = Math.round(performance.now() - startedMs);
  process.stdout.write(
    `${figures.jobs} jobs, ${DAY_MS / tickMs} ticks, ${figures.changes} changes: ${tookMs} ms\n`,
  );
}
