import { describe, expect, test } from 'vitest';

import { droverController } from '../../src/sim/drover-controller.ts';
import type { LimiterOptions } from '../../src/sim/simulated-limiter.ts';
import { exponential, randomFrom } from '../../src/sim/random.ts';
import { simulate } from '../../src/sim/simulate.ts';
import type { Job, Workload } from '../../src/sim/workload.ts';
import { processType } from '../support/ports.ts';
import { BOOTS, jobs, startsS, simulationOf } from './simulation-of.ts';

describe('a rate limiter of the simulated queue', () => {
  test('lets so many jobs begin in a window, which begins with the first of them', () => {
    const limiter: LimiterOptions = { kind: 'queue', max: 2, durationMs: 1000 };
    const simulation = simulationOf([...jobs(1, 0.5, 0.1), ...jobs(6, 0.75, 0.1)], { quantity: 1, limiter });
    simulation.advance(60_000);
    expect(startsS(simulation)).toEqual([0.5, 0.75, 1.5, 1.6, 2.5, 2.6, 3.5]);
  });

  test.each([
    {
      kind: 'queue' as const,
      atS: 0.7,
      limiter: { begun: 2, leftMs: 300, max: 2, durationMs: 1000 },
      closedMs: 300,
    },
    { kind: 'queue' as const, atS: 0.05, limiter: { begun: 1, leftMs: 950, max: 2, durationMs: 1000 } },
    { kind: 'worker' as const, atS: 0.7, limiter: { begun: 2, leftMs: 300 }, closedMs: 300 },
    { kind: 'worker' as const, atS: 0.15, limiter: { begun: 2, leftMs: 850 } },
    { kind: 'hand' as const, atS: 0.7, closedMs: 300 },
    { kind: 'hand' as const, atS: 0.05 },
  ])('of the $kind shows after $atS s as it does in Redis', ({ kind, atS, limiter, closedMs }) => {
    const simulation = simulationOf(jobs(5, 0, 0.1), {
      quantity: 1,
      limiter: { kind, max: 2, durationMs: 1000 },
    });
    simulation.advance(atS * 1000);
    const [seen] = simulation.observe(0, 0);
    expect(seen?.limiter).toEqual(limiter);
    expect(seen?.rateLimitedMs).toBe(closedMs);
  });
});

const HOURS = 2;
/** Of the quantity, those of finding out what the limiter lets through included. */
const MOST_CHANGES_PER_HOUR = 15;
const HOUR_MS = 3_600_000;

/** 5,000 jobs at once, then as many as a limiter of 10 a second lets through; one dyno does 25 a second. */
function backloggedWorkload(): Workload {
  const random = randomFrom(5);
  const serviceMs = (): number => 20 + 40 * random();
  const list: Job[] = Array.from({ length: 5000 }, () => ({ atMs: 0, serviceMs: serviceMs() }));
  for (let atMs = 0; atMs < HOURS * HOUR_MS; atMs += exponential(random, 108))
    list.push({ atMs, serviceMs: serviceMs() });
  return { name: 'limited', jobs: list, lengthMs: HOURS * HOUR_MS, concurrency: 1 };
}

describe('behind a limiter of ten jobs a second, one dyno is enough for 5,000 jobs', () => {
  const workload = backloggedWorkload();
  // Windows are not of a whole second, or every tick would find them at the same moment.
  const limiters: { name: string; limiter: LimiterOptions }[] = [
    { name: 'of the queue', limiter: { kind: 'queue', max: 10, durationMs: 1037 } },
    { name: 'of the workers', limiter: { kind: 'worker', max: 10, durationMs: 1037 } },
    { name: 'of the workers, one job at a time', limiter: { kind: 'worker', max: 1, durationMs: 107 } },
    { name: 'of the queue, by the minute', limiter: { kind: 'queue', max: 600, durationMs: 61_313 } },
    { name: 'of the workers, by the minute', limiter: { kind: 'worker', max: 600, durationMs: 61_313 } },
    { name: 'that a worker closes by hand', limiter: { kind: 'hand', max: 10, durationMs: 1037 } },
  ];
  const rules = [
    { rule: 'the wait rule', settings: { maxWaitMs: 60_000 } },
    { rule: 'the backlog rule', settings: { jobsPerWorker: 100 } },
  ];
  const rows = rules.flatMap((rule) => limiters.map((one) => ({ ...rule, ...one })));

  test.each(rows)('$rule, a limiter $name', async ({ settings, limiter }) => {
    const controller = droverController({
      name: 'drover',
      settings: processType({ ...settings, max: 50 }),
      tickMs: 10_000,
      workers: 'named',
    });
    const platform = { boots: BOOTS, seed: 1, limiter };
    const { series, figures } = await simulate(workload, controller, { platform, maxWaitMs: 60_000 });
    const points = Math.floor((HOURS * HOUR_MS) / series.stepMs);
    // What it costs to find out is paid once, and not at every chance reading.
    const dynos = series.dynos.slice(Math.floor(points / 12), points);
    const mean = dynos.reduce((sum, count) => sum + count, 0) / dynos.length;
    // Nothing is slower for it: the backlog is what it was.
    expect(series.backlog[points - 1]).toBeLessThan(6500);
    expect(mean).toBeLessThan(1.25);
    expect(figures.changes / HOURS).toBeLessThan(MOST_CHANGES_PER_HOUR);
  });
});
