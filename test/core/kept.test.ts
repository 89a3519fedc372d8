import { describe, expect, test } from 'vitest';

import { decide, initialMemory, type Memory, type Policy, type QueueObservation } from '../../src/index.ts';
import { queue } from '../support/ports.ts';

const MINUTE_MS = 60_000;
const TICK_MS = 10_000;
const waitRule: Policy = {
  sizing: { kind: 'wait', maxWaitMs: 60_000 },
  min: 0,
  max: 500,
  concurrency: 1,
  bootMs: 30_000,
  tickMs: TICK_MS,
  scaleDownDelayMs: 60_000,
};

/** A queue of 2 s jobs on ten slots, seen for ten minutes; `at` is its last reading. */
function past(policy: Policy = waitRule, name = 'mail'): { memory: Memory; at: number; added: number } {
  let memory = initialMemory(policy, 10, 0);
  let added = 0;
  let at = 0;
  for (let tick = 0; tick < 60; tick += 1) {
    at += TICK_MS;
    added += 50;
    ({ memory } = decide(policy, memory, {
      at,
      quantity: 10,
      queues: [queue({ name, active: 10, added })],
    }));
  }
  return { memory, at, added };
}

const namesIn = ({ queues }: Memory): string[] => queues.map(([name]) => name);
const others = (count: number): QueueObservation[] =>
  Array.from({ length: count }, (_, index) =>
    queue({ name: `other${String(index).padStart(3, '0')}`, added: 1 }),
  );

describe('a queue that was not read', () => {
  const unreadFor = (ms: number, count: number): { memory: Memory; at: number; added: number } => {
    const known = past();
    let { memory } = known;
    for (let at = known.at + TICK_MS; at < known.at + ms; at += TICK_MS)
      ({ memory } = decide(waitRule, memory, { at, quantity: 10, queues: others(count) }));
    return { memory, at: known.at + ms, added: known.added };
  };
  const dynosFor600 = ({ memory, at, added }: { memory: Memory; at: number; added: number }): number =>
    decide(waitRule, memory, {
      at,
      quantity: 0,
      queues: [queue({ waiting: 600, added: added + 600 }), ...others(1)],
    }).decision.to;

  test('for one tick is sized as if it had been', () => {
    const known = past();
    const read = decide(waitRule, known.memory, {
      at: known.at + TICK_MS,
      quantity: 10,
      queues: [queue({ added: known.added })],
    });
    const asIfRead = dynosFor600({ memory: read.memory, at: known.at + 2 * TICK_MS, added: known.added });
    const unread = dynosFor600(unreadFor(2 * TICK_MS, 1));
    expect(asIfRead).toBeGreaterThan(30);
    // The jobs came in the time that was not seen, so that they may be older.
    expect(unread).toBeGreaterThanOrEqual(asIfRead);
    expect(unread).toBeLessThan(asIfRead * 1.4);
  });

  test.each([
    { name: 'a minute', ms: MINUTE_MS, others: 1, kept: true },
    { name: 'an hour', ms: 60 * MINUTE_MS, others: 1, kept: true },
    { name: 'more than an hour', ms: 61 * MINUTE_MS, others: 1, kept: false },
    { name: 'a minute, with 63 others', ms: MINUTE_MS, others: 63, kept: true },
    { name: 'a minute, with 64 others', ms: MINUTE_MS, others: 64, kept: false },
  ])('for $name is remembered: $kept', ({ ms, others: count, kept }) => {
    const { memory } = unreadFor(ms, count);
    expect(namesIn(memory).includes('mail')).toBe(kept);
    expect(memory.queues.length).toBeLessThanOrEqual(64);
  });

  test('that was seen in the future is forgotten', () => {
    const known = past();
    const { memory } = decide(waitRule, known.memory, { at: 5000, quantity: 10, queues: others(1) });
    expect(namesIn(memory)).toEqual(['other000']);
  });

  test('for half an hour has no load left', () => {
    const { memory, at, added } = unreadFor(30 * MINUTE_MS, 1);
    const { decision } = decide(waitRule, memory, { at, quantity: 0, queues: [queue({ added })] });
    expect(decision.steps.find(({ stage }) => stage === 'sizing')?.note).toContain('steady load ≈ 0.0');
  });
});

describe('more than 64 queues', () => {
  const policy: Policy = { ...waitRule, max: 50 };

  test.each(['a000', 'zzz'])('10,000 jobs behind a limit of 5 in %s get 5 dynos', (name) => {
    const many = (added: number, active: number): QueueObservation[] => [
      ...others(99),
      queue({ name, waiting: 10_000, added, active, concurrencyLimit: 5 }),
    ];
    let memory = initialMemory(policy, 0, 0);
    let quantity = 5;
    let to = 0;
    for (let tick = 1; tick <= 60; tick += 1) {
      const at = tick * TICK_MS;
      const result = decide(policy, memory, { at, quantity, queues: many(10_000 + tick * 25, 5) });
      ({ memory } = result);
      to = result.decision.to;
      quantity = 5;
    }
    expect(to).toBe(5);
    expect(memory.queues.length).toBeLessThanOrEqual(64);
  });

  test('behind a rate limiter 10,000 jobs in the last of them get one dyno, also where it is found open', () => {
    let memory = initialMemory(policy, 0, 0);
    const asked: number[] = [];
    for (let tick = 1; tick <= 60; tick += 1) {
      const closed = tick % 3 === 0;
      const limiter = { begun: closed ? 10 : 4, leftMs: closed ? 900 : 600 };
      const limited = queue({
        name: 'zzz',
        waiting: 10_000,
        added: 10_000 + tick * 100,
        active: closed ? 0 : 1,
        limiter,
        rateLimitedMs: closed ? 900 : undefined,
      });
      const result = decide(policy, memory, {
        at: tick * TICK_MS,
        quantity: 1,
        queues: [...others(99), limited],
      });
      ({ memory } = result);
      asked.push(result.decision.steps.find(({ stage }) => stage === 'sizing')?.count ?? NaN);
    }
    expect(Math.max(...asked.slice(10))).toBeLessThanOrEqual(2);
  });

  test('a hundred of them with a limit each get no more slots than the limits let them use', () => {
    const limited = (tick: number): QueueObservation[] =>
      Array.from({ length: 100 }, (_, index) =>
        queue({
          name: `q${index}`,
          // Only one has work, and it is rated together with others.
          waiting: index === 99 ? 10_000 : 0,
          active: index === 99 ? 5 : 0,
          added: index === 99 ? 10_000 + tick * 25 : 0,
          concurrencyLimit: 5,
        }),
      );
    let memory = initialMemory(policy, 0, 0);
    let to = 0;
    for (let tick = 1; tick <= 60; tick += 1) {
      const result = decide(policy, memory, { at: tick * TICK_MS, quantity: 5, queues: limited(tick) });
      ({ memory } = result);
      to = result.decision.to;
    }
    expect(to).toBe(5);
  });

  test('a queue that comes to be rated with others does not count what it has ever added as gone', () => {
    const crowd = others(70);
    let memory = initialMemory(policy, 0, 0);
    let at = 0;
    const tick = (queues: readonly QueueObservation[]): number => {
      at += TICK_MS;
      const result = decide(policy, memory, { at, quantity: 10, queues });
      ({ memory } = result);
      const [, rest] = memory.queues.find(([name]) => name === '') ?? [];
      return rest?.departures ?? 0;
    };
    tick(crowd);
    expect(tick(crowd)).toBe(0);
    const old = queue({ name: 'zzz', added: 1_000_000 });
    expect(tick([...crowd, old])).toBe(0);
    expect(tick(crowd)).toBe(0);
    // The same members again: what leaves now has left.
    const moved = crowd.map((one) => ({ ...one, added: one.added + 1 }));
    expect(tick(moved)).toBe(7);
  });
});
