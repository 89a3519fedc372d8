import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  decide,
  initialMemory,
  type Decision,
  type Memory,
  type Observation,
  type Policy,
} from '../../src/index.ts';
import { parseSavedState } from '../../src/adapters/redis/memory-store.ts';
import { mutated } from '../support/fuzz/hostile.ts';
import { queue } from '../support/ports.ts';

const AT = 1_000_000;

const waitRule: Policy = {
  sizing: { kind: 'wait', maxWaitMs: 60_000, maxWaitMsByQueue: { high: 10_000 } },
  min: 1,
  max: 50,
  concurrency: 2,
  bootMs: 30_000,
  tickMs: 10_000,
  scaleDownDelayMs: 60_000,
};

/** What a queue with a past has left: its service time is known. */
const learned = {
  at: AT - 10_000,
  added: 500,
  inSystem: 100,
  running: 4,
  ready: 100,
  busyMs: 80_000,
  departures: 40,
  arrivals: 60,
  marks: [
    [AT - 20_000, 400],
    [AT - 10_000, 460],
  ] satisfies [number, number][],
  upcoming: [[AT + 5000, 20]] satisfies [number, number][],
  runs: { seen: 5, tookMs: 12_000, endedAt: AT - 11_000 },
  limiter: undefined as Memory['queues'][number][1]['limiter'],
};

function memoryWith(changes: Partial<typeof learned>, name = 'mail'): Memory {
  return { ...initialMemory(waitRule, 3, AT - 60_000), queues: [[name, { ...learned, ...changes }]] };
}

function observation(rest: Partial<Observation> = {}, name = 'mail'): Observation {
  return { at: AT, quantity: 3, queues: [queue({ name, waiting: 300, active: 4, added: 720 })], ...rest };
}

/** The law: a whole number, within the bounds or what is there already, and a sentence. */
function expectSound({ to, reason, steps }: Decision, { max }: Policy, { quantity }: Observation): void {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  expect(to).toSatisfy(isCount);
  expect(to).toBeLessThanOrEqual(Math.max(max >= 0 ? max : 0, isCount(quantity) ? quantity : 0));
  expect(reason).not.toMatch(/NaN|undefined/);
  for (const { count } of steps) expect(count).toSatisfy(Number.isFinite);
}

const PROTOTYPE_MEMBERS = Object.getOwnPropertyNames(Object.prototype);

describe('a queue that is called like a member of Object.prototype', () => {
  test('is one of several such names', () => {
    expect(PROTOTYPE_MEMBERS).toEqual(expect.arrayContaining(['constructor', '__proto__', 'toString']));
  });

  test.each(PROTOTYPE_MEMBERS)('%s has the objective of all queues', (name) => {
    const plain = decide(waitRule, memoryWith({}), observation()).decision;
    const { decision } = decide(waitRule, memoryWith({}, name), observation({}, name));
    expect(decision.to).toBe(plain.to);
    expectSound(decision, waitRule, observation());
  });

  test.each(PROTOTYPE_MEMBERS)('%s may have an objective of its own', (name) => {
    const own = (maxWaitMsByQueue: Record<string, number>): Policy => ({
      ...waitRule,
      sizing: { kind: 'wait', maxWaitMs: 600_000, maxWaitMsByQueue },
    });
    const plain = decide(own({ mail: 60_000 }), memoryWith({}), observation()).decision.to;
    const loose = decide(own({}), memoryWith({}), observation()).decision.to;
    const named = own(Object.fromEntries([[name, 60_000]]));
    expect(decide(named, memoryWith({}, name), observation({}, name)).decision.to).toBe(plain);
    expect(plain).toBeGreaterThan(loose);
  });
});

describe('numbers that make no sense', () => {
  const fresh = decide(waitRule, initialMemory(waitRule, 3, AT), observation()).decision;

  const memories: { name: string; memory: Memory }[] = [
    {
      name: 'runs.seen = -1.8e308',
      memory: memoryWith({ runs: { seen: -Number.MAX_VALUE, tookMs: 1, endedAt: 1 } }),
    },
    { name: 'runs.seen = 0', memory: memoryWith({ runs: { seen: 0, tookMs: 0, endedAt: 1 } }) },
    { name: 'a service time of NaN', memory: memoryWith({ busyMs: NaN }) },
    { name: 'an endless load', memory: memoryWith({ arrivals: Infinity }) },
  ];
  test.each(memories)('in what is remembered are forgotten: $name', ({ memory }) => {
    const { decision, memory: after } = decide(waitRule, memory, observation());
    expect(decision).toEqual(fresh);
    expect(JSON.stringify(after)).not.toContain('null');
  });

  const damaged: { name: string; memory: Memory }[] = [
    { name: 'a peak that is NaN', memory: { ...memoryWith({}), peaks: [[AT, NaN]] } },
    { name: 'a peak of a billion', memory: { ...memoryWith({}), peaks: [[AT, 1e9]] } },
    { name: 'dynos that are NaN', memory: { ...memoryWith({}), capacity: { quantity: NaN, booting: [] } } },
    { name: 'a hold since NaN', memory: { ...memoryWith({}), heldSince: NaN, heldAt: AT } },
  ];
  test.each(damaged)('in what is remembered do no harm: $name', ({ memory }) => {
    const { decision, memory: after } = decide(waitRule, memory, observation());
    expectSound(decision, waitRule, observation());
    expect(JSON.stringify(after)).not.toContain('null');
  });

  test.each([1.5, NaN])('a busy dyno %d holds', (busyOrdinal) => {
    const idle = { at: AT + 60_000, busyOrdinal, queues: [queue({ added: 720 })] };
    expect(decide(waitRule, memoryWith({}), observation(idle)).decision).toMatchObject({ from: 3, to: 3 });
  });

  const readings: { name: string; seen: Partial<Observation> }[] = [
    { name: 'a count that is NaN', seen: { queues: [queue({ waiting: NaN })] } },
    { name: 'a count without end', seen: { queues: [queue({ waiting: Infinity })] } },
    { name: 'a time that is NaN', seen: { at: NaN } },
  ];
  test.each(readings)('in a reading hold, and the reason says so: $name', ({ seen }) => {
    const { decision } = decide(waitRule, memoryWith({}), observation(seen));
    expect(decision).toMatchObject({ from: 3, to: 3 });
    expect(decision.reason).toContain('stay at 3');
    expect(decision.reason).toContain('out of range');
  });

  test('a hold is still no less than the minimum', () => {
    const seen = observation({ queues: [queue({ waiting: NaN })] });
    expect(decide({ ...waitRule, min: 5 }, memoryWith({}), seen).decision.to).toBe(5);
  });

  test('a quantity that is none is set to the minimum', () => {
    expect(decide(waitRule, memoryWith({}), observation({ quantity: -2.5 })).decision.to).toBe(1);
  });

  test('a mark in the future does not put jobs off', () => {
    const now = decide(waitRule, memoryWith({ marks: [[AT - 10_000, 460]] }), observation()).decision.to;
    const marks: [number, number][] = [
      [9e15, 400],
      [9e15, 460],
    ];
    const { decision } = decide(waitRule, memoryWith({ marks }), observation());
    expect(decision.to).toBeGreaterThan(now / 4);
  });
});

/** Any number there is, those that JSON cannot say too. */
const anyNumber = fc.oneof(
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, -1, 0.5, 2 ** 31, 8.64e15, 1e16, 1e300, 1e308, -1e308),
  fc.double(),
  fc.integer(),
);

/** A value with some of its numbers replaced by any. */
function disturbed<T>(valid: T): fc.Arbitrary<T> {
  return fc
    .array(fc.tuple(fc.nat(), anyNumber), { maxLength: 4 })
    .map((changes) => changes.reduce((value, [which, number]) => replaced(value, which, number), valid));
}

function replaced<T>(root: T, which: number, number: number): T {
  const copy = structuredClone(root);
  const places: { parent: Record<string, unknown>; key: string }[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const parent = node as Record<string, unknown>;
    for (const key of Object.keys(parent)) {
      if (typeof parent[key] === 'number') places.push({ parent, key });
      else walk(parent[key]);
    }
  };
  walk(copy);
  const place = places[which % Math.max(1, places.length)];
  if (place) place.parent[place.key] = number;
  return copy;
}

const FULL_MEMORY: Memory = {
  ...memoryWith({ limiter: { max: 10, durationMs: 1000, slots: 2, until: AT + 60_000 } }),
  peaks: [[AT - 5000, 9]],
  capacity: { quantity: 3, booting: [[AT - 5000, 1]] },
  heldSince: AT - 9000,
  heldAt: AT - 1000,
};
const FULL_POLICY: Policy = { ...waitRule, maxStepUp: 20, maxStepDown: 20, drainTimeoutMs: 60_000 };
const FULL_READING: Observation = observation({
  busyOrdinal: 2,
  unattributed: 1,
  restingAbove: 3,
  queues: [
    queue({ name: 'mail', waiting: 300, active: 4, added: 720, oldestReadyAt: AT - 9000, dueSoon: 7 }),
    queue({
      name: 'slow',
      waiting: 90,
      rateLimitedMs: 1,
      limiter: { begun: 9, leftMs: 5, max: 9, durationMs: 50 },
    }),
    queue({ name: 'low', waiting: 90, limiter: { begun: 9, leftMs: 5 } }),
    queue({ name: 'high', waiting: 3, added: 9, concurrencyLimit: 2, delayed: 4 }),
  ],
});
const backlogRule: Policy = { ...FULL_POLICY, sizing: { kind: 'backlog', jobsPerWorker: 10 } };

describe('laws', () => {
  const runs = { numRuns: 2000 };

  test('whatever is remembered, read and wished, the answer is a whole number within bounds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(FULL_POLICY, backlogRule).chain(disturbed),
        disturbed(FULL_MEMORY),
        disturbed(FULL_READING),
        (policy, memory, seen) => {
          const result = decide(policy, memory, seen);
          expectSound(result.decision, policy, seen);
          // What is handed on is remembered as it is.
          expect(JSON.stringify(result.memory)).not.toContain('null');
        },
      ),
      runs,
    );
  });

  test('a memory that its reader takes costs at most one hold: with sound readings the answer is within bounds', () => {
    fc.assert(
      fc.property(mutated({ version: 1, memory: FULL_MEMORY, scaling: {} }), (kept) => {
        const memory = parseSavedState(JSON.stringify(kept))?.memory ?? initialMemory(FULL_POLICY, 3, AT);
        const { decision } = decide(FULL_POLICY, memory, FULL_READING);
        expectSound(decision, FULL_POLICY, FULL_READING);
        expect(decision.reason).not.toContain('out of range');
      }),
      runs,
    );
  });
});
