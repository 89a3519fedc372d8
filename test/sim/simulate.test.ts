import { describe, expect, test } from 'vitest';

import { smallestFixed } from '../../src/sim/smallest-fixed.ts';
import { compare } from '../../src/sim/compare.ts';
import { droverController } from '../../src/sim/drover-controller.ts';
import { fixedController } from '../../src/sim/fixed-controller.ts';
import type { WorkerKind } from '../../src/sim/simulation-ports.ts';
import { simulate } from '../../src/sim/simulate.ts';
import type { Workload } from '../../src/sim/workload.ts';
import { generate } from '../../src/sim/workloads/generate.ts';
import { processType } from '../support/ports.ts';
import { BOOTS, jobs } from './simulation-of.ts';

const PLATFORM = { boots: BOOTS, seed: 1 };

function drover(workers: WorkerKind, jobsPerWorker = 2): ReturnType<typeof droverController> {
  const settings = processType({ jobsPerWorker, scaleDownDelayMs: 60_000, max: 20 });
  return droverController({ name: workers, settings, tickMs: 10_000, workers });
}

describe('the figures', () => {
  const workload: Workload = {
    name: 'four',
    // Waits of 0, 10, 20 and 30 s on one dyno.
    jobs: jobs(4, 0, 10),
    lengthMs: 100_000,
    concurrency: 1,
  };

  test('are those of a hand-worked case', async () => {
    const { figures } = await simulate(workload, fixedController(1), {
      platform: PLATFORM,
      maxWaitMs: 10_000,
    });
    expect(figures).toEqual({
      dynoHours: 100 / 3600,
      jobs: 4,
      wait: { mean: 15, p50: 10, p95: 30, p99: 30, max: 30 },
      late: 0.5,
      kills: 0,
      redone: 0,
      lost: 0,
      changes: 0,
      peak: 1,
    });
  });

  test('count a job that never starts as waiting still', async () => {
    const { figures } = await simulate(workload, fixedController(0), {
      platform: PLATFORM,
      maxWaitMs: 15_000,
    });
    expect(figures).toMatchObject({ late: 1, dynoHours: 0 });
    expect(figures.wait.p50).toBeGreaterThan(86_000);
  });

  test('have series of equal length that show the backlog', async () => {
    const { series } = await simulate(workload, fixedController(1), {
      platform: PLATFORM,
      maxWaitMs: 15_000,
    });
    expect(series.stepMs).toBe(1000);
    expect(series.backlog.slice(0, 3)).toEqual([3, 3, 3]);
    expect(series.dynos.every((dynos) => dynos === 1)).toBe(true);
    expect(series.waitSeconds[9]).toBe(9);
    expect(series.backlog.length).toBe(series.dynos.length);
  });
});

describe('Drover by its own tick', () => {
  const workload = generate('long', 4, 3);

  test.each(['named', 'helper'] as const)('kills no job of %s workers', async (workers) => {
    const { figures } = await simulate(workload, drover(workers), { platform: PLATFORM, maxWaitMs: 60_000 });
    expect(figures.kills).toBe(0);
    expect(figures.changes).toBeGreaterThan(10);
    expect(figures.peak).toBeGreaterThan(3);
  });

  test('pays less for helpers than for names, as they drain from the top', async () => {
    const short = generate('daily', 4, 6);
    const [named, helper] = [
      await simulate(short, drover('named'), { platform: PLATFORM, maxWaitMs: 60_000 }),
      await simulate(short, drover('helper'), { platform: PLATFORM, maxWaitMs: 60_000 }),
    ];
    expect(helper.figures.dynoHours).toBeLessThan(named.figures.dynoHours);
  });

  test('is the same twice', async () => {
    const play = async (): Promise<unknown> =>
      await simulate(workload, drover('named'), {
        platform: { ...PLATFORM, boots: { fromMs: 10_000, toMs: 60_000 } },
        maxWaitMs: 60_000,
      });
    expect(await play()).toEqual(await play());
  });

  test('starts dynos for scheduled jobs before they are due', async () => {
    const scheduled: Workload = {
      name: 'scheduled',
      jobs: jobs(40, 0, 5, { delayMs: 600_000 }),
      lengthMs: 900_000,
      concurrency: 1,
    };
    const { figures } = await simulate(scheduled, drover('named', 4), {
      platform: PLATFORM,
      maxWaitMs: 60_000,
    });
    // Ten dynos that are up at 600 s: four rounds of 5 s.
    expect(figures.wait.max).toBe(15);
  });
});

test('a comparison plays ours, every peer and the best fixed number', async () => {
  const shares: number[] = [];
  const onProgress = (share: number): void => void shares.push(share);
  const workload = generate('daily', 2, 2);
  const bounds = { min: 0, max: 20 };
  const runs = await compare(workload, [drover('named')], {
    bounds,
    platform: PLATFORM,
    maxWaitMs: 60_000,
    onProgress,
  });
  expect(runs.map(({ name }) => name)).toEqual([
    'named',
    'origin rule',
    'KEDA + HPA',
    'Judoscale',
    'HireFire ratio',
    'HireFire latency',
    'guv',
    'AWS tracking',
    'smallest fixed',
  ]);
  for (const { figures } of runs) expect(figures.jobs).toBe(workload.jobs.length);
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));

  const best = runs.at(-1)?.figures;
  expect(best?.late).toBeLessThanOrEqual(0.05);
});

test.each([2, 3, 5, 8, 13])(
  'the best fixed number is the first that is in time: %i jobs at a time',
  async (size) => {
    // So many jobs of a minute every two minutes, and a minute to wait: half of them at once.
    const batches = Array.from({ length: 10 }, (_, batch) => jobs(size, 120 * batch, 60)).flat();
    const workload: Workload = { name: 'batches', jobs: batches, lengthMs: 1_200_000, concurrency: 1 };
    const { figures } = await smallestFixed(workload, 20, { platform: PLATFORM, maxWaitMs: 60_000 });
    expect(figures.peak).toBe(Math.ceil(size / 2));
  },
);
