import { expect, test } from 'vitest';

import { decide } from '../../src/core/decide.ts';
import { initialMemory } from '../../src/core/memory.ts';
import type { Policy, Sizing } from '../../src/core/types.ts';
import { randomFrom } from '../../src/sim/random.ts';

const TICK_MS = 10_000;
const TICKS_PER_HOUR = 360;
const LIMIT = 5;
const SERVICE_TICKS = 0.5;

const rules: { name: string; sizing: Sizing }[] = [
  { name: 'the wait rule', sizing: { kind: 'wait', maxWaitMs: 60_000 } },
  { name: 'the backlog rule', sizing: { kind: 'backlog', jobsPerWorker: 100 } },
];

test.each(rules)(
  'a backlog behind a concurrency limit holds steady at that many workers: $name',
  ({ sizing }) => {
    const policy: Policy = {
      sizing,
      min: 0,
      max: 50,
      concurrency: 1,
      bootMs: 30_000,
      tickMs: TICK_MS,
      scaleDownDelayMs: 60_000,
    };
    const random = randomFrom(3);
    let memory = initialMemory(policy, 0, 0);
    let [added, waiting, quantity, changes] = [5000, 5000, 0, 0];
    const quantities: number[] = [];
    for (let tick = 1; tick <= TICKS_PER_HOUR; tick += 1) {
      // Some readings find a slot between two jobs.
      const active = Math.min(LIMIT, quantity, waiting) - (quantity > 0 && random() < 0.3 ? 1 : 0);
      const arrived = Math.floor(random() * 20);
      added += arrived;
      waiting += arrived - Math.round(active / SERVICE_TICKS);
      const queue = {
        name: 'mail',
        waiting,
        prioritized: 0,
        due: 0,
        dueSoon: 0,
        active,
        added,
        paused: false,
        concurrencyLimit: LIMIT,
      };
      const decided = decide(policy, memory, { at: tick * TICK_MS, quantity, queues: [queue] });
      memory = decided.memory;
      if (decided.decision.to !== quantity) changes += 1;
      quantity = decided.decision.to;
      quantities.push(quantity);
    }
    expect(waiting).toBeGreaterThan(1000);
    expect(Math.max(...quantities)).toBe(LIMIT);
    expect(Math.min(...quantities.slice(TICKS_PER_HOUR / 6))).toBe(LIMIT);
    expect(changes).toBeLessThanOrEqual(5);
  },
);
