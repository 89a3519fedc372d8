import { expect, test } from 'vitest';

import { MOST_QUEUES, type DecidedEntry } from '../../src/journal/entry.ts';
import type { Decided, Hold, Outcome } from '../../src/control/outcome.ts';
import type { Resized } from '../../src/ports/platform.ts';
import { entryOf } from '../../src/reporting/entry-of.ts';
import { policyOf } from '../support/outcomes.ts';
import { backlog, queue, cedar } from '../support/ports.ts';

const DECIDED: Decided = {
  processType: 'worker',
  backlog: backlog(),
  formation: {
    processType: 'worker',
    quantity: 3,
    size: 'Standard-1X',
    others: new Map(),
    naming: cedar('worker'),
    readAt: 0,
  },
  decision: { from: 3, to: 5, needed: 5, limited: 5, reason: 'why', steps: [] },
  policy: policyOf(),
};
const unchanged = (overrides: Partial<Decided> = {}): Outcome => ({
  kind: 'unchanged',
  ...DECIDED,
  ...overrides,
});
const held = (hold: Hold): Outcome => ({ kind: 'held', ...DECIDED, hold });
const resized = (result: Resized): Outcome => ({ kind: 'resized', ...DECIDED, resized: result });

function kept(outcome: Outcome): DecidedEntry {
  const [type] = entryOf({
    at: 100_000,
    tickMs: 10_000,
    tookMs: 1.4,
    standby: false,
    outcomes: [outcome],
  }).types;
  if (type?.kind !== 'decided') throw new Error('not decided');
  return type;
}

test.each([
  { name: 'held', outcome: held({ kind: 'paused', by: 'the dashboard' }), quantity: 3 },
  {
    name: 'set',
    outcome: resized({ kind: 'resized', answered: true, quantity: 5, size: 'Standard-2X' }),
    quantity: 5,
  },
  {
    name: 'limited',
    outcome: resized({ kind: 'limited', answered: true, quantity: 4, limit: { count: 4, counts: 'type' } }),
    quantity: 4,
  },
  {
    name: 'overtaken',
    outcome: resized({ kind: 'overtaken', answered: true, quantity: 9 }),
    quantity: 9,
  },
  { name: 'a dry run', outcome: resized({ kind: 'dry-run' }), quantity: 3 },
])('the quantity after a tick that was $name', ({ outcome, quantity }) => {
  expect(kept(outcome).quantity).toBe(quantity);
});

test('a queue is what waits, what runs and what comes later', () => {
  const seen = queue({
    waiting: 3,
    prioritized: 2,
    due: 1,
    delayed: 5,
    waitingChildren: 2,
    active: 4,
    added: 99,
    oldestReadyAt: 91_000,
    paused: true,
  });
  expect(kept(unchanged({ backlog: backlog({ queues: [seen] }) })).queues).toEqual([
    { name: 'mail', ready: 6, active: 4, later: 6, added: 99, waitMs: 9000, paused: true },
  ]);
});

test('of thousands of queues the first are kept by name and the rest as a sum', () => {
  const queues = Array.from({ length: 2000 }, (_, index) =>
    queue({
      name: `q${String(index).padStart(4, '0')}`,
      waiting: 1,
      active: 2,
      added: 3,
      oldestReadyAt: 100_000 - index,
    }),
  );
  const entry = kept(unchanged({ backlog: backlog({ queues: queues.toReversed() }) }));
  expect(entry.queues).toHaveLength(MOST_QUEUES);
  expect(entry.queues[0]?.name).toBe('q0000');
  expect(entry.queues.at(-1)).toEqual({
    name: '(1951 others)',
    ready: 1951,
    active: 3902,
    later: 0,
    added: 5853,
    waitMs: 1999,
  });
});
