import * as v from 'valibot';
import { describe, expect, test } from 'vitest';

import { MEMORY } from '../../../src/adapters/redis/memory-shape.ts';
import { parseSavedState } from '../../../src/adapters/redis/memory-store.ts';
import { decide, initialMemory, type Memory, type Policy } from '../../../src/index.ts';
import { queue } from '../../support/ports.ts';

const AT = Date.UTC(2026, 10, 23);
const pairs = (count: number): number[][] => Array.from({ length: count }, () => [AT, 1]);

const learned = {
  at: AT,
  added: 10,
  inSystem: 3,
  running: 2,
  ready: 3,
  busyMs: 5000.5,
  departures: 12.5,
  arrivals: 3.25,
  marks: [[AT - 10_000, 3]],
  upcoming: [[AT + 2500.5, 4]],
  runs: { seen: 3.5, tookMs: 4500, endedAt: AT - 10_000 },
  limiter: { max: 10, durationMs: 1000.5, slots: 2.5, until: AT + 1000 },
  members: 4_000_000_000,
};
const good = {
  version: 1,
  peaks: [[AT, 9]],
  queues: [['mail', learned]],
  capacity: { quantity: 7, booting: [[AT, 2]] },
  lateness: [['mail', { periods: [[AT - 10_000, 10.5, 0.5]], excusedAt: AT - 60_000 }]],
  heldSince: AT - 30_000,
  heldAt: AT,
};
const queueWith = (changes: object): object => ({ ...good, queues: [['mail', { ...learned, ...changes }]] });
const isTaken = (memory: object): boolean =>
  parseSavedState(JSON.stringify({ version: 3, token: '1', memory, scaling: {} })) !== undefined;

describe('the memory of decide', () => {
  test('is read back unchanged', () => {
    expect(v.parse(MEMORY, good)).toEqual(good);
    expect(isTaken(good)).toBe(true);
  });

  const rows: { name: string; memory: object }[] = [
    { name: 'a peak below zero', memory: { ...good, peaks: [[AT, -1]] } },
    { name: 'a fraction of a dyno as a peak', memory: { ...good, peaks: [[AT, 1.5]] } },
    { name: 'a time after the last date', memory: { ...good, peaks: [[8.64e15 + 1, 9]] } },
    { name: 'a time below zero', memory: { ...good, heldSince: -1 } },
    { name: 'a last wait of 1e300', memory: { ...good, heldAt: 1e300 } },
    { name: 'a held time of 1e300', memory: { ...good, heldSince: 1e300 } },
    { name: 'more peaks than are kept', memory: { ...good, peaks: pairs(257) } },
    { name: 'half a dyno', memory: { ...good, capacity: { quantity: 0.5, booting: [] } } },
    {
      name: 'a boot of fewer than zero dynos',
      memory: { ...good, capacity: { quantity: 1, booting: [[AT, -2]] } },
    },
    { name: 'more boots than are kept', memory: { ...good, capacity: { quantity: 1, booting: pairs(65) } } },
    {
      name: 'more queues than are measured',
      memory: { ...good, queues: pairs(65).map(() => ['mail', learned]) },
    },
    { name: 'a name that is too long', memory: { ...good, queues: [['x'.repeat(2001), learned]] } },
    { name: 'a count below zero', memory: queueWith({ added: -1 }) },
    { name: 'half a job in the system', memory: queueWith({ inSystem: 2.5 }) },
    { name: 'slot-time below zero', memory: queueWith({ busyMs: -1 }) },
    { name: 'slot-time of 1e300 ms', memory: queueWith({ busyMs: 1e300 }) },
    { name: 'departures below zero', memory: queueWith({ departures: -3 }) },
    { name: 'more departures than are kept', memory: queueWith({ departures: 1001 }) },
    { name: 'arrivals below zero', memory: queueWith({ arrivals: -1 }) },
    { name: 'more marks than are kept', memory: queueWith({ marks: pairs(37) }) },
    {
      name: 'more periods than a day has',
      memory: { ...good, lateness: [['mail', { periods: pairs(9).map((pair) => [...pair, 0]) }]] },
    },
    {
      name: 'fewer late jobs than none',
      memory: { ...good, lateness: [['mail', { periods: [[AT, 10, -1]] }]] },
    },
    {
      name: 'an excuse of 1e300',
      memory: { ...good, lateness: [['mail', { periods: [], excusedAt: 1e300 }]] },
    },
    {
      name: 'more classes of needs than there are',
      memory: { ...good, needs: [['mail', { offered: 0, at: AT, periods: [[AT, pairs(50)]] }]] },
    },
    {
      name: 'a need of half a slot',
      memory: { ...good, needs: [['mail', { offered: 0, at: AT, periods: [[AT, [[0.5, 1]]]] }]] },
    },
    {
      name: 'an offered load below zero',
      memory: { ...good, needs: [['mail', { offered: -1, at: AT, periods: [] }]] },
    },
    { name: 'more batches due soon than are kept', memory: queueWith({ upcoming: pairs(25) }) },
    {
      name: 'runs.seen = -1.8e308',
      memory: queueWith({ runs: { ...learned.runs, seen: -Number.MAX_VALUE } }),
    },
    { name: 'runs without any observed run', memory: queueWith({ runs: { ...learned.runs, seen: 0 } }) },
    {
      name: 'a rate limiter that never expires',
      memory: queueWith({ limiter: { ...learned.limiter, until: 1e300 } }),
    },
    {
      name: 'a rate limiter with a negative maximum',
      memory: queueWith({ limiter: { ...learned.limiter, max: -1 } }),
    },
    {
      name: 'a rate limiter with slots below zero',
      memory: queueWith({ limiter: { ...learned.limiter, slots: -1 } }),
    },
    {
      name: 'runs of a negative duration',
      memory: queueWith({ runs: { ...learned.runs, tookMs: -1 } }),
    },
  ];
  test.each(rows)('is discarded with $name', ({ memory }) => {
    expect(isTaken(memory)).toBe(false);
  });

  test('is always in range, after hundreds of ticks of a busy fleet', () => {
    const policy: Policy = {
      sizing: { kind: 'wait', maxWaitMs: 60_000 },
      min: 0,
      max: 1,
      concurrency: 2,
      // Longer than is sensible, for more boots than are kept.
      bootMs: 3_600_000,
      tickMs: 1000,
      scaleDownDelayMs: 600_000,
    };
    let memory: Memory = initialMemory(policy, 1, AT);
    const out: unknown[] = [];
    for (let tick = 1; tick < 300; tick += 1) {
      const queues = Array.from({ length: 80 }, (_, index) =>
        queue({
          name: `q${index}`,
          waiting: (tick * 7 + index) % 100,
          active: (tick + index) % 5,
          added: tick * 9,
          dueSoon: (tick * 3) % 11,
          lastRun: { endedAt: AT + tick, tookMs: 5 + (tick % 100) },
        }),
      );
      const result = decide(policy, memory, { at: AT + tick * 1000, quantity: tick % 150, queues });
      memory = result.memory;
      if (tick % 20 === 0) out.push(...(v.safeParse(MEMORY, memory).issues ?? []));
    }
    expect(out).toEqual([]);
    // Its lists are about as long as they may become.
    expect(memory.queues).toHaveLength(64);
    expect(memory.capacity.booting.length).toBeGreaterThan(60);
  });
});

const burst = {
  queue: 'mail',
  at: AT,
  jobs: 8000,
  time: '09:00',
  seen: { days: 3, of: 4, weekday: 'Tuesday' },
};
const foreseenWith = (changes: object): object => ({
  value: { bursts: [{ ...burst, ...changes }] },
  since: AT,
  until: AT + 1000,
});

test.each([
  { name: 'as it was saved', foreseen: foreseenWith({}), kept: foreseenWith({}) },
  { name: 'a number of jobs below zero', foreseen: foreseenWith({ jobs: -1 }), kept: undefined },
  { name: 'a time that is none', foreseen: foreseenWith({ time: '9 am' }), kept: undefined },
  {
    name: 'more than is kept',
    foreseen: { value: { bursts: Array.from({ length: 51 }, () => burst) }, since: AT, until: AT },
    kept: undefined,
  },
])('what was foreseen, $name, never discards the rest', ({ foreseen, kept }) => {
  const text = JSON.stringify({ version: 3, token: '1', memory: good, scaling: {}, foreseen });
  const parsed = parseSavedState(text);
  expect(parsed?.memory).toEqual(good);
  expect(parsed?.foreseen).toEqual(kept);
});

test.each(['queues', 'lateness', 'needs'] as const)('a queue’s name in %s is on one line', (part) => {
  const rows = {
    queues: learned,
    lateness: { periods: [] },
    needs: { offered: 1, at: AT, periods: [] },
  };
  const memory = { ...good, [part]: [['mail\u001B[2J\n\u202Edone', rows[part]]] };
  const text = JSON.stringify({ version: 3, token: '1', memory, scaling: {} });
  expect(parseSavedState(text)?.memory[part]?.map(([name]) => name)).toEqual([
    String.raw`mail\u001b[2J\u000a\u202edone`,
  ]);
});
