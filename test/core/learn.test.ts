import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  batchesByAge,
  countedPerJob,
  learn,
  loadOf,
  serviceMsOf,
  type Learned,
} from '../../src/core/learn.ts';
import { demandOf } from '../../src/core/demand.ts';
import type { QueueGroup } from '../../src/core/overflow-queues.ts';

const TICK_MS = 10_000;
const SERVICE_MS = 4_000;

/** One slot busy all the time, `waiting` jobs behind it; what is counted as added and gone beside that is nothing. */
function busySlot(
  ticks: number,
  { phantoms = 0, waiting = 5, run }: { phantoms?: number; waiting?: number; run?: number } = {},
): Learned {
  let learned: Learned | undefined;
  for (let tick = 0; tick <= ticks; tick += 1) {
    const at = tick * TICK_MS;
    const added = Math.floor((at / SERVICE_MS) * (1 + phantoms));
    learned = learn(learned, seen({ added, waiting, run: run === undefined ? undefined : [at, run] }), at, 0);
  }
  if (!learned) throw new Error('no tick');
  return learned;
}

function seen(queue: {
  added: number;
  waiting: number;
  run?: [endedAt: number, tookMs: number] | undefined;
  active?: number;
}): QueueGroup {
  const [endedAt, tookMs] = queue.run ?? [0, 0];
  const observed = {
    name: 'mail',
    waiting: queue.waiting,
    prioritized: 0,
    due: 0,
    dueSoon: 0,
    active: queue.active ?? 1,
    added: queue.added,
    paused: false,
    ...(queue.run ? { lastRun: { endedAt, tookMs } } : {}),
  };
  return { queue: observed, demand: demandOf(observed) };
}

describe('the service time', () => {
  test.each([
    { name: 'from the counters alone', learned: busySlot(64), least: 3_990, most: 4_010 },
    {
      name: 'single runs that say the same change nothing',
      learned: busySlot(64, { run: SERVICE_MS }),
      least: 3_990,
      most: 4_010,
    },
    {
      name: 'duplicates alone make it short',
      learned: busySlot(64, { phantoms: 3 }),
      least: 990,
      most: 1_010,
    },
    {
      name: 'with duplicates it is what single runs say, less an eighth',
      learned: busySlot(64, { phantoms: 3, run: SERVICE_MS }),
      least: 3_490,
      most: 3_510,
    },
    {
      name: 'few runs are believed less',
      learned: busySlot(4, { phantoms: 3, run: SERVICE_MS }),
      least: 1_900,
      most: 2_100,
    },
    {
      name: 'short runs make nothing shorter: a job may have been tried more than once',
      learned: busySlot(64, { run: 100 }),
      least: 3_990,
      most: 4_010,
    },
    {
      name: 'runs are not looked at while nothing waits',
      learned: busySlot(64, { waiting: 0, run: 60_000 }),
      least: 3_990,
      most: 4_010,
    },
  ])('$name', ({ learned, least, most }) => {
    expect(serviceMsOf(learned)).toBeGreaterThanOrEqual(least);
    expect(serviceMsOf(learned)).toBeLessThanOrEqual(most);
  });

  test('a run that was seen before is not seen again', () => {
    let learned: Learned | undefined;
    for (let tick = 0; tick < 20; tick += 1)
      learned = learn(learned, seen({ added: 5 * tick, waiting: 5, run: [7, 2_000] }), tick * TICK_MS, 0);
    expect(learned?.runs?.seen).toBe(1);
  });
});

describe('what was learned of the service time ends', () => {
  const DAY_MS = 86_400_000;

  test('with the time in which no clock read it', () => {
    const past = busySlot(500, { run: SERVICE_MS });
    const weeks = learn(past, seen({ added: 5000, waiting: 5 }), past.at + 21 * DAY_MS, 0);
    expect(serviceMsOf(past)).toBeGreaterThan(3_500);
    expect(serviceMsOf(weeks)).toBeUndefined();
    const night = learn(past, seen({ added: 5000, waiting: 5 }), past.at + DAY_MS / 4, 0);
    expect(serviceMsOf(night)).toBeCloseTo(serviceMsOf(past) ?? 0);
  });

  test('also that of single runs, where no job waits any more at a reading', () => {
    const slow = 20_000;
    let learned = busySlot(500, { run: slow });
    const from = { at: learned.at, added: learned.added };
    expect(serviceMsOf(learned)).toBeGreaterThan(slow * 0.8);
    for (let at = from.at + 300_000; at < from.at + 4 * DAY_MS; at += 300_000) {
      const added = from.added + Math.floor((at - from.at) / SERVICE_MS);
      learned = learn(learned, seen({ added, waiting: 0 }), at, 0);
    }
    expect(serviceMsOf(learned)).toBeLessThan(SERVICE_MS * 1.05);
  });
});

test('the load is the same however often one job was counted', () => {
  const load = loadOf(busySlot(60), 0);
  expect(load).toBeGreaterThan(0.7);
  expect(loadOf(busySlot(60, { phantoms: 3, run: SERVICE_MS }), 0)).toBeCloseTo(load, 1);
});

test('where one job was counted four times, the jobs that wait came over a longer time', () => {
  const honest = batchesByAge(busySlot(60, { waiting: 20 }), 20, undefined);
  const inflated = busySlot(60, { phantoms: 3, waiting: 20, run: SERVICE_MS });
  expect(countedPerJob(inflated)).toBeCloseTo(3.5, 0);
  const corrected = batchesByAge(inflated, 20, undefined);
  const oldest = (lots: typeof honest): number => Math.max(...lots.map(({ ageMs }) => ageMs));
  expect(honest.reduce((sum, { jobs }) => sum + jobs, 0)).toBeCloseTo(20);
  expect(corrected.reduce((sum, { jobs }) => sum + jobs, 0)).toBeCloseTo(20);
  expect(oldest(corrected)).toBeGreaterThan(oldest(honest) * 0.7);
  expect(oldest(corrected)).toBeLessThan(oldest(honest) * 1.3);
});

test.each([
  { name: 'not known', oldestReadyAt: undefined },
  { name: 'in the future, as the clock of its producer is ahead', oldestReadyAt: 1e12 },
])('where the time of the oldest job is $name, the ages are those of the arrivals', ({ oldestReadyAt }) => {
  const lots = batchesByAge(busySlot(60, { waiting: 20 }), 20, oldestReadyAt);
  expect(Math.max(...lots.map(({ ageMs }) => ageMs))).toBeGreaterThan(TICK_MS);
});

test('whatever is read, what is learned is finite, not negative, survives JSON and stays small', () => {
  const reading = fc.record({
    afterMs: fc.integer({ min: -1_000, max: 2_000_000 }),
    added: fc.nat(),
    waiting: fc.nat(),
    run: fc.option(fc.tuple(fc.nat(), fc.nat()), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 80 }), (readings) => {
      let learned: Learned | undefined;
      let at = 1_000_000;
      for (const { afterMs, ...queue } of readings) {
        at += afterMs;
        learned = learn(learned, seen(queue), at, 0);
        const serviceMs = serviceMsOf(learned) ?? 1;
        expect(serviceMs).toBeGreaterThanOrEqual(1);
        expect(Number.isFinite(serviceMs)).toBe(true);
        expect(learned.runs?.seen ?? 0).toBeLessThanOrEqual(64);
      }
      expect(JSON.parse(JSON.stringify(learned))).toEqual(learned);
      expect(JSON.stringify(learned).length).toBeLessThan(2_000);
    }),
  );
});

describe('a burst that has just begun', () => {
  const burst = (running: number): number | undefined => {
    let learned = busySlot(60);
    const { at, added } = learned;
    // The next reading finds it, with a job or two ended since.
    learned = learn(
      learned,
      seen({ added: added + 2 + running + 500, waiting: 505, active: running }),
      at + TICK_MS,
      0,
    );
    return serviceMsOf(learned);
  };

  test('says nothing of how long jobs take', () => {
    const before = serviceMsOf(busySlot(60)) ?? 0;
    expect((burst(300) ?? 0) / before).toBeLessThan(1.1);
    expect((burst(300) ?? 0) / before).toBeGreaterThan(0.9);
  });
});
