import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { exponential, randomFrom } from '../../src/sim/random.ts';
import { tableOf, type Job } from '../../src/sim/workload.ts';
import { jobs, startsS, simulationOf } from './simulation-of.ts';

const HOUR_MS = 3_600_000;

describe('queues', () => {
  const rows = [
    { name: 'in order of arrival', list: jobs(3, 0, 10), quantity: 1, starts: [0, 10, 20] },
    { name: 'side by side on two dynos', list: jobs(3, 0, 10), quantity: 2, starts: [0, 0, 10] },
    {
      name: 'those without a priority first, then by priority, then by arrival',
      list: [
        ...jobs(1, 0, 10),
        ...jobs(1, 1, 10, { priority: 2 }),
        ...jobs(1, 2, 10, { priority: 1 }),
        ...jobs(1, 3, 10, { priority: 1 }),
        ...jobs(1, 4, 10),
      ],
      quantity: 1,
      starts: [0, 40, 20, 30, 10],
    },
    {
      name: 'a delayed job when it is due, not before',
      list: [...jobs(1, 0, 5, { delayMs: 60_000 }), ...jobs(1, 1, 5)],
      quantity: 1,
      starts: [60, 1],
    },
    {
      name: 'of two queues the job that has waited longest',
      list: [
        ...jobs(1, 0, 10, { queue: 'a' }),
        ...jobs(1, 2, 10, { queue: 'b' }),
        ...jobs(1, 1, 10, { queue: 'a' }),
      ],
      quantity: 1,
      starts: [0, 10, 20],
    },
    {
      name: 'of two queues that which is furthest behind, whatever its first job is',
      list: [
        ...jobs(1, 0, 10, { queue: 'b' }),
        ...jobs(1, 1, 10, { queue: 'a', priority: 5 }),
        ...jobs(1, 2, 10, { queue: 'b' }),
        ...jobs(1, 3, 10, { queue: 'a', priority: 1 }),
      ],
      quantity: 1,
      starts: [0, 20, 30, 10],
    },
  ];
  test.each(rows)('start $name', ({ list, quantity, starts }) => {
    const simulation = simulationOf(list, { quantity });
    simulation.advance(HOUR_MS);
    expect(startsS(simulation)).toEqual(starts);
    expect(simulation.tally.finished).toBe(list.length);
  });

  test('a due job stays delayed until a worker is there to move it', () => {
    const simulation = simulationOf(jobs(2, 0, 5, { delayMs: 60_000 }));
    simulation.advance(50_000);
    expect(simulation.observe(10_000, 0)[0]).toMatchObject({
      waiting: 0,
      due: 0,
      dueSoon: 2,
      delayed: 2,
      added: 2,
    });
    simulation.advance(120_000);
    expect(simulation.observe(10_000, 0)[0]).toMatchObject({ waiting: 0, due: 2, oldestReadyAt: 60_000 });
    simulation.resize(1);
    simulation.advance(151_000);
    expect(simulation.observe(0, 0)[0]).toMatchObject({ waiting: 1, due: 0, delayed: 0, active: 1 });
  });

  test('a reading counts the age of a job that was tried before from its last attempt, as Redis shows it', () => {
    const simulation = simulationOf(jobs(1, 0, 10, { failures: 1 }), { quantity: 1 });
    simulation.advance(5000);
    simulation.resize(0);
    simulation.advance(100_000);
    // Its backoff ends at 11 s, and no worker has promoted it.
    expect(simulation.observe(0, 0)[0]).toMatchObject({ due: 1, oldestReadyAt: 11_000 });
    // Promoted at 70 s, when the worker takes the job before it.
    const busy = simulationOf([...jobs(1, 0, 10, { failures: 1 }), ...jobs(1, 1, 60), ...jobs(1, 2, 60)], {
      quantity: 1,
    });
    busy.advance(75_000);
    expect(busy.observe(0, 0)[0]).toMatchObject({ waiting: 1, active: 1, oldestReadyAt: 0 });
  });

  test('a failed attempt is delayed by a backoff that doubles', () => {
    const simulation = simulationOf(jobs(1, 0, 10, { failures: 2 }), { quantity: 1 });
    simulation.advance(10_500);
    expect(simulation.observe(0, 0)[0]).toMatchObject({ active: 0, delayed: 1, due: 0 });
    // 10 s, 1 s of backoff, 10 s, 2 s of backoff, 10 s.
    simulation.advance(32_999);
    expect(simulation.done).toBe(false);
    simulation.advance(33_000);
    expect(simulation.done).toBe(true);
  });
});

describe('a killed job', () => {
  const killed = (): ReturnType<typeof simulationOf> => {
    const simulation = simulationOf(jobs(1, 0, 600), { quantity: 1 });
    simulation.advance(10_000);
    simulation.resize(0);
    simulation.advance(40_000);
    return simulation;
  };

  test('stays active with its lock for a while, then without', () => {
    const simulation = killed();
    expect(simulation.tally.kills).toBe(1);
    simulation.advance(54_999);
    expect(simulation.observe(0, 0)[0]).toMatchObject({ active: 1, orphaned: 0 });
    expect([...simulation.holders()]).toEqual([[1, 1]]);
    simulation.advance(70_000);
    expect(simulation.observe(0, 0)[0]).toMatchObject({ active: 1, orphaned: 1 });
    expect([...simulation.holders()]).toEqual([]);
  });

  test('runs again 60 to 90 s later where a worker is, and from its begin', () => {
    const simulation = killed();
    simulation.resize(1);
    simulation.advance(99_999);
    expect([...simulation.workers.runningJobs()]).toEqual([]);
    simulation.advance(130_000);
    expect([...simulation.workers.runningJobs()]).toEqual([[1, 1]]);
    expect(simulation.tally).toMatchObject({ redone: 1, lost: 0 });
    simulation.advance(699_999);
    expect(simulation.done).toBe(false);
    simulation.advance(730_000);
    expect(simulation.tally).toMatchObject({ finished: 1 });
    expect(startsS(simulation)).toEqual([0]);
  });

  test('goes before all that wait', () => {
    const simulation = simulationOf([...jobs(1, 0, 600), ...jobs(4, 50, 30)], { quantity: 1 });
    simulation.advance(10_000);
    simulation.resize(0);
    simulation.advance(40_000);
    simulation.resize(1);
    // Up at 70 s with a job of 30 s, so at 130 s the third is taken or, after it, the killed one before the fourth.
    simulation.advance(HOUR_MS);
    expect(startsS(simulation)[4]).toBeGreaterThan(600);
  });

  test('waits for a worker where there is none', () => {
    const simulation = killed();
    simulation.advance(HOUR_MS);
    expect(simulation.tally.redone).toBe(0);
    simulation.resize(1);
    simulation.advance(HOUR_MS + 61_000);
    expect(simulation.tally.redone).toBe(1);
  });

  test('fails for good at its second death', () => {
    const simulation = killed();
    simulation.resize(1);
    simulation.advance(140_000);
    simulation.resize(0);
    simulation.advance(180_000);
    simulation.resize(1);
    simulation.advance(300_000);
    expect(simulation.tally).toMatchObject({ kills: 2, redone: 1, lost: 1, finished: 0 });
    expect(simulation.observe(0, 0)[0]).toMatchObject({ active: 0, waiting: 0 });
    expect(simulation.done).toBe(true);
  });
});

describe('as a whole', () => {
  const job = fc.record({
    atMs: fc.integer({ min: 0, max: 300_000 }),
    serviceMs: fc.integer({ min: 0, max: 90_000 }),
    delayMs: fc.constantFrom(0, 0, 5000, 100_000),
    priority: fc.constantFrom(0, 0, 1, 7),
    failures: fc.constantFrom(0, 0, 0, 2),
    queue: fc.constantFrom('a', 'b'),
  });

  test('no job is lost or run before it may, however the fleet is resized, and time is billed once', () => {
    fc.assert(
      fc.property(
        fc.array(job, { minLength: 1, maxLength: 40 }),
        fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 3 }),
        (list, quantities, concurrency) => {
          const simulation = simulationOf(list, {
            concurrency,
            boots: { fromMs: 10_000, toMs: 60_000, crashShare: 0.2, slowStart: 2 },
          });
          const table = tableOf(list);
          let billed = 0;
          for (const [index, quantity] of [...quantities, 2].entries()) {
            simulation.advance(20_000 * index);
            simulation.resize(quantity);
            const now = simulation.workers.billedMs(simulation.at);
            expect(now).toBeGreaterThanOrEqual(billed);
            billed = now;
            const seen = simulation.observe(0, 0);
            const running = [...simulation.workers.runningJobs()].reduce((sum, [, count]) => sum + count, 0);
            const active = seen.reduce((sum, queue) => sum + queue.active, 0);
            const held = seen.reduce(
              (sum, { waiting, prioritized, delayed = 0 }) => sum + waiting + prioritized + delayed,
              0,
            );
            const added = seen.reduce((sum, queue) => sum + queue.added, 0);
            expect(active).toBeGreaterThanOrEqual(running);
            expect(added).toBe(held + active + simulation.tally.finished + simulation.tally.lost);
            expect(simulation.workers.quantity).toBe(quantity);
          }
          simulation.advance(100 * HOUR_MS);
          expect(simulation.done).toBe(true);
          expect(simulation.tally.kills).toBe(simulation.tally.redone + simulation.tally.lost);
          for (const [index, startedAt] of simulation.startedAt.entries()) {
            expect(startedAt).toBeGreaterThanOrEqual((table.at[index] ?? 0) + (table.delay[index] ?? 0));
          }
        },
      ),
    );
  });

  test('on a fixed fleet jobs wait as long as Erlang says', () => {
    // M/M/c with 8 of 10 slots busy: P(wait) = 0.4092 (Erlang C), mean wait = P(wait) · S / (c − a).
    const [slots, load, meanMs] = [10, 8, 10_000];
    const random = randomFrom(3);
    const list: Job[] = [];
    for (let atMs = 0; list.length < 200_000; atMs += exponential(random, meanMs / load)) {
      list.push({ atMs, serviceMs: exponential(random, meanMs) });
    }
    const simulation = simulationOf(list, { quantity: slots });
    simulation.advance(list.length * meanMs);
    const waits = Array.from(
      simulation.startedAt,
      (startedAt, index) => startedAt - (list[index]?.atMs ?? 0),
    );
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    const waiting = waits.filter((wait) => wait > 0).length / waits.length;
    expect(Math.abs(waiting - 0.4092)).toBeLessThan(0.01);
    expect(Math.abs(mean / ((0.4092 * meanMs) / (slots - load)) - 1)).toBeLessThan(0.05);
  });
});
