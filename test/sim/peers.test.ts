import { describe, expect, test } from 'vitest';

import type { Controller } from '../../src/sim/controller.ts';
import { aws } from '../../src/sim/peers/aws.ts';
import { guv } from '../../src/sim/peers/guv.ts';
import { hirefireLatency, hirefireRatio } from '../../src/sim/peers/hirefire.ts';
import { judoscale } from '../../src/sim/peers/judoscale.ts';
import { keda } from '../../src/sim/peers/keda.ts';
import { origin } from '../../src/sim/peers/origin.ts';
import type { Job } from '../../src/sim/workload.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { jobs, simulationOf } from './simulation-of.ts';

const BOUNDS = { min: 0, max: 100 };
/** Work that no fleet here gets done meanwhile. */
const endless = (count: number, atS = 0): Job[] => jobs(count, atS, 1_000_000);

/** The quantity after each look, from the first at 0 s. */
async function play(controller: Controller, simulation: Simulation, looks: number): Promise<number[]> {
  const quantities: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    simulation.advance(look * controller.everyMs);
    await controller.tick(simulation);
    quantities.push(simulation.workers.quantity);
  }
  return quantities;
}

test('the origin rule cuts off, stays from 3 to 50, and looks every ten minutes', async () => {
  const rows = [
    [50, 3],
    [699, 6],
    [9000, 50],
  ] as const;
  for (const [count, wanted] of rows) {
    const simulation = simulationOf(endless(count), { quantity: 0 });
    expect(await play(origin(), simulation, 1)).toEqual([wanted]);
  }
  expect(origin()).toMatchObject({ everyMs: 600_000, min: 3, max: 50 });
});

describe('KEDA', () => {
  test('wakes from zero at its poll, then grows by 4 or twofold per 15 s, to a fifth of the list', async () => {
    // Each dyno takes one job off the list after its boot.
    const simulation = simulationOf(endless(100), { boots: { fromMs: 1_000_000, toMs: 1_000_000 } });
    expect(await play(keda(BOUNDS), simulation, 5)).toEqual([1, 5, 10, 20, 20]);
  });

  test('sees neither priorities nor running jobs', async () => {
    const simulation = simulationOf(jobs(100, 0, 1_000_000, { priority: 1 }));
    expect(await play(keda(BOUNDS), simulation, 3)).toEqual([0, 0, 0]);
  });

  test('leaves a tenth of difference alone, and counts five jobs a pod as enough', async () => {
    const simulation = simulationOf(endless(54), {
      quantity: 10,
      boots: { fromMs: 1_000_000, toMs: 1_000_000 },
      concurrency: 0,
    });
    expect(await play(keda(BOUNDS), simulation, 2)).toEqual([10, 10]);
  });

  test('goes down to the largest count needed in five minutes, and to zero after five idle ones', async () => {
    const simulation = simulationOf([...jobs(20, 0, 1), ...jobs(1, 3600, 1)], { quantity: 3 });
    const quantities = await play(keda(BOUNDS), simulation, 60);
    const lastPeak = quantities.lastIndexOf(4);
    expect(quantities[0]).toBe(4);
    expect(lastPeak).toBe(20);
    expect(quantities.slice(22)).toEqual(quantities.slice(22).map(() => 0));
  });
});

test('Judoscale adds one in three minutes, and takes one after ten calm ones', async () => {
  const simulation = simulationOf(endless(50), {
    boots: { fromMs: 1_000_000, toMs: 1_000_000 },
    quantity: 1,
    concurrency: 0,
  });
  const quantities = await play(judoscale(BOUNDS, 10), simulation, 55);
  expect(quantities.indexOf(2)).toBe(0);
  expect(quantities.indexOf(3)).toBe(18);
  expect(quantities.indexOf(4)).toBe(36);

  const calm = simulationOf(jobs(1, 7200, 1), { quantity: 3 });
  const falling = await play(judoscale(BOUNDS, 10), calm, 130);
  expect(falling.indexOf(2)).toBe(60);
  expect(falling.indexOf(1)).toBe(120);
});

test('HireFire by ratio goes up at once, and down only when nothing is left', async () => {
  const simulation = simulationOf([...jobs(9, 0, 70), ...jobs(1, 0, 200)], { boots: { fromMs: 1, toMs: 1 } });
  expect(await play(hirefireRatio(BOUNDS, 2), simulation, 6)).toEqual([5, 5, 5, 5, 5, 0]);
});

test('HireFire by latency takes one step a minute, and starts the first at once', async () => {
  const simulation = simulationOf([...endless(1), ...jobs(1, 0, 1_000_000)], {
    boots: { fromMs: 1_000_000, toMs: 1_000_000 },
  });
  // Latencies of 0, 60, 120, 180 s against 100 s.
  expect(await play(hirefireLatency(BOUNDS, 100_000), simulation, 4)).toEqual([1, 1, 2, 3]);
});

test('guv wants the 99th percentile within the deadline, and remembers two minutes', async () => {
  // ppf99 = 10 + 2.3263 · 5 = 21.6 s, target = 38.4 s, so ceil(30 · 10 / 28.4) = 11.
  const simulation = simulationOf([...jobs(30, 0, 10), ...jobs(1, 3600, 1)], {
    boots: { fromMs: 1, toMs: 1 },
  });
  const quantities = await play(guv(BOUNDS, 60_000, 10_000, 1), simulation, 8);
  expect(quantities[0]).toBe(11);
  // At 30 s eight jobs still run, which ask for three; each wish holds for 120 s.
  expect(quantities.slice(1, 5)).toEqual([11, 11, 11, 11]);
  expect(quantities.slice(5, 7)).toEqual([3, 0]);
});

test('AWS tracks the backlog per instance after three high minutes, and fifteen low ones', async () => {
  // Target 60 / 10 = 6 a dyno; 60 jobs on one dyno ask for ten.
  const simulation = simulationOf(endless(61), { quantity: 1, boots: { fromMs: 30_000, toMs: 30_000 } });
  const quantities = await play(aws(BOUNDS, 60_000, 10_000, 1), simulation, 4);
  expect(quantities).toEqual([1, 1, 10, 10]);

  const calm = simulationOf(jobs(1, 7200, 1), { quantity: 4 });
  expect((await play(aws(BOUNDS, 60_000, 10_000, 1), calm, 16)).indexOf(1)).toBe(14);
});
