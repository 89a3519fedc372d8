import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Entry } from '../../src/journal/entry.ts';
import { sumOf } from '../../src/core/sum.ts';
import { MINUTE_MS, rollUp, type History, type TypeMinute } from '../../src/journal/minute.ts';
import { entryOf } from '../../src/reporting/entry-of.ts';
import { reconcile, type Carried } from '../../src/control/reconcile.ts';
import { processTypesIn, recordedWorkload } from '../../src/sim/recorded-workload.ts';
import { simulationPorts, PROCESS_TYPE } from '../../src/sim/simulation-ports.ts';
import { meanServiceMs, tableOf, type Workload } from '../../src/sim/workload.ts';
import { generate } from '../../src/sim/workloads/generate.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { T0 } from '../support/entries.ts';
import { journalDay, TYPES } from '../support/journal-day.ts';
import { processType as settingsOf } from '../support/ports.ts';
import { BOOTS } from './simulation-of.ts';

const recorded = rollUp([...journalDay({ from: T0, ticks: 2160, burstEveryMs: 3_600_000 })]);

/** One type with one queue, of which each minute tells so many arrivals and so many waiting. */
function history(minutes: readonly { added: number; ready: number; active?: number }[]): History {
  return {
    changes: [],
    bursts: [],
    minutes: minutes.map(({ added, ready, active = 2 }, index) => {
      const type: TypeMinute = {
        processType: 'worker',
        size: 'Standard-1X',
        ticks: 6,
        blind: 0,
        quantity: 1,
        wanted: 1,
        min: 1,
        max: 10,
        concurrency: 5,
        maxWaitMs: 0,
        dynoMs: MINUTE_MS,
        maxDynoMs: 10 * MINUTE_MS,
        activeMs: active * MINUTE_MS,
        ready,
        active,
        waitMs: 0,
        added,
        done: added,
        queues: [{ name: 'mail', ready, active, waitMs: 0, added }],
      };
      return { at: T0 + index * MINUTE_MS, types: [type] };
    }),
  };
}

describe('a day that was recorded', () => {
  test.each(TYPES)('comes back with all its jobs, in their minutes: $processType', ({ processType }) => {
    const past = recordedWorkload(recorded, processType, 1);
    const rows = recorded.minutes.map(({ at, types }) => ({
      at,
      type: types.find((type) => type.processType === processType)!,
    }));
    const jobs = past?.workload.jobs ?? [];
    expect(jobs.length).toBeGreaterThan(1000);
    const first = rows[0]?.at ?? 0;
    const byMinute = new Map<number, number>();
    for (const { atMs } of jobs) {
      const minute = Math.floor(atMs / MINUTE_MS);
      byMinute.set(minute, (byMinute.get(minute) ?? 0) + 1);
    }
    // What was there at the beginning comes with the first minute.
    for (const { at, type } of rows.slice(1)) {
      const came = byMinute.get((at - first) / MINUTE_MS) ?? 0;
      expect(came).toBe(sumOf(type.queues, ({ added }) => added));
    }
  });

  test('tells which types there are, and what they cost then', () => {
    expect(processTypesIn(recorded).toSorted()).toEqual(['mailer', 'reports', 'worker']);
    const past = recordedWorkload(recorded, 'worker', 1);
    expect(past?.dynoHours).toBeGreaterThan(6 * 2 * 0.95);
    expect(past?.workload).toMatchObject({ name: 'worker as recorded', concurrency: 5 });
    expect(recordedWorkload(recorded, 'nobody', 1)).toBeUndefined();
  });
});

test.each([
  { name: 'bursts' as const, serviceMs: 3000 },
  { name: 'long' as const, serviceMs: 300_000 },
  { name: 'steady' as const, serviceMs: 10_000 },
])(
  '$name, played under the real loop and recorded, comes back within a tenth',
  async ({ name, serviceMs }) => {
    const original = generate(name, 3, 6);
    const past = recordedWorkload(await recordedDay(original), PROCESS_TYPE, 1)!;
    const share = past.workload.jobs.length / original.jobs.length;
    expect(share).toBeGreaterThan(0.98);
    expect(share).toBeLessThan(1.02);
    const truth = meanServiceMs(original.jobs);
    expect(truth / serviceMs).toBeGreaterThan(0.8);
    expect(meanServiceMs(past.workload.jobs) / truth).toBeGreaterThan(0.9);
    expect(meanServiceMs(past.workload.jobs) / truth).toBeLessThan(1.1);
  },
);

/** A workload in the simulated simulation, the loop's ticks kept as the journal keeps them. */
async function recordedDay(workload: Workload): Promise<History> {
  const platform = { boots: BOOTS, seed: 1 };
  const { concurrency } = workload;
  const simulation = new Simulation(tableOf(workload.jobs), { ...platform, concurrency, quantity: 2 });
  const ports = simulationPorts(simulation, 'named');
  const settings = settingsOf({
    processType: PROCESS_TYPE,
    min: 1,
    max: 50,
    maxWaitMs: 60_000,
    concurrency,
  });
  const entries: Entry[] = [];
  let carried: Carried;
  for (let at = 0; at < workload.lengthMs; at += 10_000) {
    simulation.advance(at);
    const request = { ports, tickMs: 10_000, signal: new AbortController().signal };
    const result = await reconcile(request, [settings], carried);
    ({ carried } = result);
    entries.push(entryOf(result.tick));
  }
  return rollUp(entries);
}

test('what came at once is played at once, what trickled trickles', () => {
  const { jobs } = recordedWorkload(
    history([
      { added: 0, ready: 0 },
      { added: 600, ready: 500 },
      { added: 60, ready: 0 },
    ]),
    'worker',
    1,
  )!.workload;
  const inMinute = (minute: number): number[] =>
    jobs.filter(({ atMs }) => Math.floor(atMs / MINUTE_MS) === minute).map(({ atMs }) => atMs % MINUTE_MS);
  expect(Math.max(...inMinute(1))).toBeLessThan(10_000);
  expect(Math.max(...inMinute(2))).toBeGreaterThan(40_000);
});

test('what was there when the journal began is there when it is played', () => {
  const { jobs } = recordedWorkload(history([{ added: 5, ready: 40, active: 3 }]), 'worker', 1)!.workload;
  expect(jobs.filter(({ atMs }) => atMs === 0)).toHaveLength(38);
  expect(jobs).toHaveLength(43);
});

test('a queue that no worker was seen to work on is named as a guess', () => {
  const past = recordedWorkload(history([{ added: 5, ready: 0, active: 0 }]), 'worker', 1);
  expect(past?.guessedQueues).toEqual(['mail']);
});

test('law: every arrival is played, at a time within what is played, for a while above 0', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ added: fc.nat(50), ready: fc.nat(80), active: fc.nat(9) }), { minLength: 1 }),
      fc.nat(),
      (minutes, seed) => {
        const { workload } = recordedWorkload(history(minutes), 'worker', seed)!;
        expect(workload.jobs.length).toBeGreaterThanOrEqual(sumOf(minutes, ({ added }) => added));
        for (const { atMs, serviceMs } of workload.jobs) {
          expect(atMs).toBeGreaterThanOrEqual(0);
          expect(atMs).toBeLessThan(workload.lengthMs);
          expect(serviceMs).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(serviceMs)).toBe(true);
        }
      },
    ),
  );
});
