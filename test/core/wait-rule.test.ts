import { describe, expect, test } from 'vitest';

import { decide, initialMemory, type Memory, type Policy } from '../../src/index.ts';
import { seen, waitRule } from '../support/decisions.ts';
import { queue } from '../support/ports.ts';

/** A queue served at a steady rate, played tick by tick so that the rule learns from it. */
function learned(
  policy: Policy,
  serviceMs: number,
  slots: number,
  quantity: number,
): { memory: Memory; at: number; added: number } {
  let memory = initialMemory(policy, quantity, 0);
  let added = 0;
  let at = 0;
  for (let tick = 0; tick < 60; tick += 1) {
    at += 10_000;
    added += Math.round((slots * 10_000) / serviceMs);
    ({ memory } = decide(policy, memory, { at, quantity, queues: [queue({ active: slots, added })] }));
  }
  return { memory, at, added };
}

describe('the wait rule', () => {
  test('goes by the backlog rule, and says so, while it does not know how long a job takes', () => {
    const { decision } = decide(waitRule, initialMemory(waitRule, 0, 0), seen(0, { waiting: 250 }));
    expect(decision.to).toBe(3);
    expect(decision.steps[2]?.note).toContain('until the service time is known');
  });

  test('where none waits, the reason names the running jobs, which need their workers', () => {
    const { memory, at, added } = learned(waitRule, 10_000, 10, 10);
    const { decision } = decide(waitRule, memory, {
      at: at + 10_000,
      quantity: 10,
      queues: [queue({ active: 10, added: added + 10 })],
    });
    expect(decision.reason).toMatch(/^10 running jobs need 10 workers: /);
  });

  const rows: { name: string; serviceMs: number; burst: number; least: number; most: number }[] = [
    // 27 s are left after a boot: 13.5 jobs a slot, less what variation takes.
    { name: 'short jobs share a dyno', serviceMs: 2000, burst: 600, least: 35, most: 60 },
    { name: 'jobs longer than the wait get a dyno each', serviceMs: 600_000, burst: 40, least: 35, most: 42 },
    { name: 'one job alone waits for company', serviceMs: 2000, burst: 1, least: 0, most: 0 },
  ];
  test.each(rows)('$name', ({ serviceMs, burst, least, most }) => {
    const past = learned(waitRule, serviceMs, 10, 10);
    // All that ran has ended, and a burst came.
    const added = past.added + burst;
    const observation = { at: past.at + 10_000, quantity: 0, queues: [queue({ waiting: burst, added })] };
    const { decision } = decide(waitRule, past.memory, observation);
    expect(decision.to).toBeGreaterThanOrEqual(least);
    expect(decision.to).toBeLessThanOrEqual(most);
  });

  test('one job alone gets its dyno before it is late', () => {
    let { memory, at, added } = learned(waitRule, 2000, 10, 10);
    added += 1;
    const asked: number[] = [];
    for (let tick = 1; tick <= 4 && asked.at(-1) !== 1; tick += 1) {
      at += 10_000;
      const result = decide(waitRule, memory, { at, quantity: 0, queues: [queue({ waiting: 1, added })] });
      ({ memory } = result);
      asked.push(result.decision.to);
    }
    expect(asked).toEqual([0, 0, 1]);
  });

  test('a queue with an objective of its own is held to it', () => {
    const policy: Policy = {
      ...waitRule,
      sizing: { kind: 'wait', maxWaitMs: 300_000, maxWaitMsByQueue: { mail: 60_000 } },
    };
    const [loose, tight] = [
      { ...waitRule, sizing: { kind: 'wait', maxWaitMs: 300_000 } } as const,
      policy,
    ].map((chosen) => {
      const past = learned(chosen, 2000, 10, 10);
      const queues = [queue({ waiting: 600, added: past.added + 600 })];
      return decide(chosen, past.memory, { at: past.at + 10_000, quantity: 0, queues }).decision.to;
    });
    expect(tight).toBeGreaterThan((loose ?? 0) * 3);
  });

  test.each([
    { name: 'a counter that goes back', change: { added: 0 } },
    { name: 'a queue that was obliterated', change: { added: 0, waiting: 0, active: 0 } },
    { name: 'a hundred thousand jobs removed by hand', change: { added: 100_000 } },
  ])('$name does not upset what was learned', ({ change }) => {
    const past = learned(waitRule, 2000, 10, 10);
    const { memory } = decide(waitRule, past.memory, {
      at: past.at + 10_000,
      quantity: 10,
      queues: [queue({ active: 10, ...change })],
    });
    const [, record] = memory.queues[0] ?? [];
    expect((record?.busyMs ?? 0) / (record?.departures ?? 1)).toBeGreaterThan(500);
    expect((record?.busyMs ?? 0) / (record?.departures ?? 1)).toBeLessThan(4000);
  });
});
