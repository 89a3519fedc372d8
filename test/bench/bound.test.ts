import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { clairvoyantDynoSeconds } from '../../bench/policies/bound.ts';
import { firstDynoSeconds, type Arrival } from '../../bench/policies/first-dyno.ts';
import { droverController } from '../../src/sim/drover-controller.ts';
import { simulate } from '../../src/sim/simulate.ts';
import { generate } from '../../src/sim/workloads/generate.ts';
import { processType } from '../support/ports.ts';
import { BOOTS, jobs } from '../sim/simulation-of.ts';

describe('the first dyno', () => {
  const rows = [
    { name: 'one job: a boot and the job', list: [{ at: 5, service: 7 }], seconds: 37 },
    {
      name: 'two within a wait: both at the deadline of the first',
      list: [
        { at: 0, service: 7 },
        { at: 50, service: 9 },
      ],
      seconds: 39,
    },
    {
      name: 'two so near that holding is cheaper than booting',
      list: [
        { at: 0, service: 7 },
        { at: 75, service: 9 },
      ],
      seconds: 30 + 15 + 9,
    },
    {
      name: 'two far apart: a boot each',
      list: [
        { at: 0, service: 7 },
        { at: 500, service: 9 },
      ],
      seconds: 76,
    },
  ];
  test.each(rows)('$name', ({ list, seconds }) => {
    expect(firstDynoSeconds(list, 60, 30)).toBe(seconds);
  });

  test('costs as the same recurrence without its windows', () => {
    const arrival = fc.record({
      at: fc.integer({ min: 0, max: 2000 }),
      service: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(
        fc.array(arrival, { maxLength: 60 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 0, max: 60 }),
        (list, waitS, bootS) => {
          const sorted = list.toSorted((a, b) => a.at - b.at);
          expect(firstDynoSeconds(sorted, waitS, bootS)).toBeCloseTo(plain(sorted, waitS, bootS), 6);
        },
      ),
    );
  });
});

function plain(list: readonly Arrival[], waitS: number, bootS: number): number {
  const costs = [0];
  for (const [k, last] of list.entries()) {
    const options = list
      .slice(0, k + 1)
      .map((first, i) => (costs[i] ?? 0) + Math.max(0, last.at - first.at - waitS));
    costs.push(bootS + last.service + Math.min(...options));
  }
  return costs.at(-1) ?? 0;
}

describe('the bound', () => {
  test('of a batch that must start at once is its work and its boots', async () => {
    // 40 jobs of 300 s with a wait of 0 and one slot a dyno: 40 dynos, each a boot and 300 s.
    const bound = await clairvoyantDynoSeconds(jobs(40, 0, 300), 1, 0, 30);
    expect(bound / (40 * 330)).toBeGreaterThan(0.98);
    expect(bound / (40 * 330)).toBeLessThanOrEqual(1.0001);
  });

  test('falls as jobs may wait longer, to the work and one boot', async () => {
    const batch = jobs(100, 0, 10);
    const bounds = [];
    for (const waitS of [0, 60, 300, 3000]) bounds.push(await clairvoyantDynoSeconds(batch, 1, waitS, 30));
    expect(bounds).toEqual(bounds.toSorted((a, b) => b - a));
    expect(bounds.at(-1)).toBeGreaterThan(1000);
    expect(bounds.at(-1)).toBeLessThan(1040);
  });

  test.each(['daily', 'long', 'mixed'] as const)(
    'is below what any policy that is in time pays: %s',
    async (name) => {
      const workload = generate(name, 5, 2);
      const settings = processType({ jobsPerWorker: 1, max: 1000, concurrency: workload.concurrency });
      const ours = droverController({ name, settings, tickMs: 10_000, workers: 'helper' });
      const platform = { boots: BOOTS, seed: 1 };
      const { figures } = await simulate(workload, ours, { platform, maxWaitMs: 60_000 });
      const bound = await clairvoyantDynoSeconds(workload.jobs, workload.concurrency, figures.wait.max, 30);
      expect(bound / 3600).toBeGreaterThan(0.5);
      expect(bound / 3600).toBeLessThanOrEqual(figures.dynoHours);
    },
  );
});
