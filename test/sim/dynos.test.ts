import { describe, expect, test } from 'vitest';

import { bootsAround } from '../../src/sim/boots.ts';
import { BOOTS, jobs, startsS, simulationOf } from './simulation-of.ts';

const HOUR_MS = 3_600_000;

describe('dynos', () => {
  test('take jobs after their boot, and are paid for from their request', () => {
    const simulation = simulationOf(jobs(1, 0, 10));
    simulation.advance(5000);
    simulation.resize(1);
    simulation.advance(100_000);
    expect(startsS(simulation)).toEqual([35]);
    expect(simulation.workers.billedMs(100_000)).toBe(95_000);
  });

  test('boot for a time within the range, and use all of it', () => {
    const simulation = simulationOf(jobs(400, 0, 3600), { boots: bootsAround(30_000) });
    simulation.resize(400);
    simulation.advance(HOUR_MS);
    const starts = startsS(simulation).toSorted((a, b) => a - b);
    expect(starts[0]).toBeGreaterThanOrEqual(20);
    expect(starts[0]).toBeLessThan(20.5);
    expect(starts.at(-1)).toBeLessThanOrEqual(40);
    expect(starts.at(-1)).toBeGreaterThan(39.5);
    expect(starts[200]).toBeCloseTo(30, -0.5);
  });

  test('that crash while they boot are restarted at once, and after a second crash cool off for ten minutes', () => {
    const boots = { fromMs: 30_000, toMs: 30_000, crashShare: 0.3 };
    const simulation = simulationOf(jobs(1000, 0, 36_000), { boots });
    simulation.resize(1000);
    simulation.advance(10 * HOUR_MS);
    const starts = startsS(simulation);
    const within = (from: number, to: number): number =>
      starts.filter((at) => at >= from && at < to).length / starts.length;
    // No crash, one, two, and three in a row with cool-offs of 10 and 20 min.
    expect(within(0, 30.5)).toBeCloseTo(0.7, 1);
    expect(within(30.5, 60)).toBeCloseTo(0.21, 1);
    expect(within(60, 630)).toBe(0);
    expect(within(630, 690)).toBeCloseTo(0.063, 1);
    expect(within(1830, 1950)).toBeGreaterThan(0);
    expect(simulation.tally.changes).toBe(1);
  });

  test('that start slowly take longer for the first job in each slot', () => {
    const boots = { ...BOOTS, slowStart: 3 };
    const simulation = simulationOf(jobs(6, 0, 10), { boots, concurrency: 2 });
    simulation.resize(1);
    simulation.advance(HOUR_MS);
    expect(startsS(simulation)).toEqual([30, 30, 60, 60, 70, 70]);
  });

  test('are stopped from the highest number, even where a lower one is idle', () => {
    const simulation = simulationOf([...jobs(2, 0, 100), ...jobs(1, 1, 5)], { quantity: 3 });
    simulation.advance(50_000);
    expect([...simulation.workers.runningJobs()]).toEqual([
      [1, 1],
      [2, 1],
    ]);
    simulation.resize(1);
    simulation.advance(80_000);
    expect(simulation.tally).toMatchObject({ kills: 1, changes: 1 });
    expect([...simulation.workers.runningJobs()]).toEqual([[1, 1]]);
  });

  test('that are stopped finish what ends within 30 s, take nothing more, and are paid for until then', () => {
    const simulation = simulationOf([...jobs(1, 0, 20), ...jobs(1, 5, 1)], { quantity: 1 });
    simulation.advance(10_000);
    simulation.resize(0);
    simulation.advance(HOUR_MS);
    expect(simulation.tally).toMatchObject({ finished: 1, kills: 0 });
    expect(simulation.workers.billedMs(HOUR_MS)).toBe(20_000);
  });

  test('that boot are gone at once when stopped', () => {
    const simulation = simulationOf(jobs(1, 0, 10));
    simulation.resize(2);
    simulation.advance(20_000);
    simulation.resize(0);
    simulation.advance(HOUR_MS);
    expect(simulation.workers.billedMs(HOUR_MS)).toBe(40_000);
    expect(startsS(simulation)).toEqual([Number.NaN]);
  });

  test('serve in the order in which they began to block', () => {
    // Three jobs at 0 s; the dynos are free again at 30, 20 and 10 s.
    const list = [
      ...jobs(1, 0, 30),
      ...jobs(1, 0, 20),
      ...jobs(1, 0, 10),
      ...jobs(1, 40, 5),
      ...jobs(1, 41, 5),
    ];
    const simulation = simulationOf(list, { quantity: 3 });
    simulation.advance(41_500);
    expect([...simulation.workers.runningJobs()].map(([number]) => number)).toEqual([2, 3]);
  });

  test('asked to drain take nothing more, and resume at once', () => {
    const simulation = simulationOf([...jobs(2, 0, 10), ...jobs(2, 5, 10)], { quantity: 2 });
    simulation.advance(6000);
    simulation.drainAbove(1);
    simulation.advance(15_000);
    expect([...simulation.workers.runningJobs()]).toEqual([[1, 1]]);
    simulation.drainAbove(2);
    expect([...simulation.workers.runningJobs()]).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(startsS(simulation)).toEqual([0, 0, 10, 15]);
  });
});
