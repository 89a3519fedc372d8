import { expect, test } from 'vitest';

import type { Outcome, Tick } from '../../src/control/outcome.ts';
import { NOTHING_LOGGED, logLines } from '../../src/reporting/log-lines.ts';
import { policyOf } from '../support/outcomes.ts';
import { backlog, broken, cedar } from '../support/ports.ts';

const decided = {
  kind: 'unchanged',
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
  decision: {
    from: 3,
    to: 3,
    needed: 0,
    limited: 3,
    reason: '0 jobs need 0 workers; raised to the minimum of 3: stay at 3',
    steps: [],
  },
  policy: policyOf(),
} as const satisfies Outcome;
const unread: Outcome = { kind: 'failed', processType: 'worker', failure: broken };

/** The lines that ticks 10 s apart log, each as `level message`. */
function logged(...ticks: Partial<Tick>[]): string[][] {
  let state = NOTHING_LOGGED;
  return ticks.map((tick, index) => {
    const seen = logLines(state, {
      at: index * 10_000,
      tickMs: 10_000,
      tookMs: 1,
      standby: false,
      outcomes: [],
      ...tick,
    });
    ({ state } = seen);
    return seen.lines.map(({ level, message }) => `${level} ${message}`);
  });
}

test('the first decision is logged, unchanged quantities after it only for debug', () => {
  const line = 'worker: 0 jobs need 0 workers; raised to the minimum of 3: stay at 3';
  expect(logged({ outcomes: [decided] }, { outcomes: [decided] })).toEqual([
    [`info ${line}`],
    [`debug ${line}`],
  ]);
});

test.each([
  { workers: 'of a size', size: 'Standard-1X', shown: '9 Standard-1X' },
  { workers: 'without sizes', size: '', shown: '9' },
])('every change of workers $workers is logged', ({ size, shown }) => {
  const decision = {
    from: 3,
    to: 9,
    needed: 9,
    limited: 9,
    reason: '900 jobs need 9 workers: 3 → 9',
    steps: [],
  };
  const resized = { kind: 'resized', answered: true, quantity: 9, size } as const;
  expect(
    logged({ outcomes: [decided] }, { outcomes: [{ ...decided, kind: 'resized', decision, resized }] })[1],
  ).toEqual([`info worker: set to ${shown}: 900 jobs need 9 workers: 3 → 9`]);
});

test.each([
  { quantity: 7, says: 'left at 7, which another client set in the meantime' },
  {
    quantity: 3,
    says: "not set to 9: the platform's object changed between reading and writing; next attempt at the next tick",
  },
])('a write that was overtaken with $quantity set says why', ({ quantity, says }) => {
  const decision = { from: 3, to: 9, needed: 9, limited: 9, reason: '900 jobs', steps: [] };
  const resized = { kind: 'overtaken', answered: true, quantity } as const;
  const lines = logged(
    { outcomes: [decided] },
    { outcomes: [{ ...decided, kind: 'resized', decision, resized }] },
  );
  expect(lines[1]).toEqual([`info worker: ${says}`]);
});

test('a problem is logged when it begins and when it is resolved, not in between', () => {
  const lines = logged(
    { outcomes: [unread] },
    { outcomes: [unread] },
    { outcomes: [unread] },
    { outcomes: [decided] },
  );
  expect(lines.map((ofTick) => ofTick.filter((line) => !line.startsWith('debug')))).toEqual([
    ['warn worker: cannot read state; holding: Redis cannot be reached. Look at it.'],
    [],
    [],
    ['info resolved after 30 s: worker: REDIS_UNREACHABLE'],
  ]);
});

test.each([
  { hold: { kind: 'paused', by: 'the dashboard' }, over: 'paused' },
  { hold: { kind: 'manual' }, over: 'scaled manually' },
  { hold: { kind: 'maintenance' }, over: 'maintenance mode' },
  { hold: { kind: 'release' }, over: 'a release in progress' },
] as const)('a hold worth a line is logged once: $over', ({ hold, over }) => {
  const held = { ...decided, kind: 'held', hold } as const;
  const lines = logged({ outcomes: [held] }, { outcomes: [held] }, { outcomes: [decided] });
  expect(lines.map((ofTick) => ofTick.filter((line) => /^warn|resolved/.test(line)))).toEqual([
    [expect.stringMatching(/^warn worker: /)],
    [],
    [`info resolved after 20 s: worker: ${over}`],
  ]);
});

test.each([
  {
    kind: 'refused',
    says: 'a quota or another rule allows 2 of 3 pods: exceeded quota: pods=2. Raise the quota, change the rule, or lower MAX_WORKERS.',
  },
  {
    kind: 'unschedulable',
    says: '2 of 3 pods run, the others are unschedulable: exceeded quota: pods=2. Add nodes, lower what each pod requests, or lower MAX_WORKERS.',
  },
] as const)('pods that are $kind are logged once, with the reason', ({ kind, says }) => {
  const limit = { kind, count: 2, reason: 'exceeded quota: pods=2' };
  const limited = {
    ...decided,
    formation: { ...decided.formation, quantity: 3, limit },
    policy: { ...decided.policy, noun: 'pod' },
  };
  const lines = logged({ outcomes: [limited] }, { outcomes: [limited] }, { outcomes: [decided] });
  expect(lines.map((ofTick) => ofTick.filter((line) => /^warn|resolved/.test(line)))).toEqual([
    [`warn worker: ${says}`],
    [],
    ['info resolved after 20 s: worker: a limit of the platform'],
  ]);
});

test('a problem that comes back is logged again', () => {
  const lines = logged({ outcomes: [unread] }, { outcomes: [decided] }, { outcomes: [unread] });
  expect(lines[2]).toHaveLength(1);
});

test('standby, unsaved state, an unreadable queue and a manual hold are logged once each', () => {
  const outcome: Outcome = {
    ...decided,
    kind: 'held',
    backlog: backlog({ unreadable: [{ queue: 'other', failure: broken }] }),
    hold: { kind: 'manual', until: 600_000 },
  };
  const lines = logged(
    { standby: true },
    { outcomes: [outcome], unsaved: broken },
    { outcomes: [outcome], unsaved: broken },
  );
  expect(lines[0]).toEqual(['info standing by: another clock holds the lease']);
  expect(lines[1]?.filter((line) => line.startsWith('warn'))).toEqual([
    'warn worker: Redis cannot be reached. Look at it.',
    'warn worker: scaled manually; autoscaling suspended until 1970-01-01T00:10:00Z',
    'warn scaling, but cannot save state: Redis cannot be reached. Look at it.',
  ]);
  expect(lines[2]?.filter((line) => !line.startsWith('debug'))).toEqual([]);
});

test('what is published is logged when it changes, not in each tick until it is set', () => {
  const published = (wanted: number): Partial<Tick> => ({
    outcomes: [
      {
        ...decided,
        kind: 'resized',
        resized: { kind: 'published', answered: true, quantity: 3, wanted },
      },
    ],
  });
  const lines = logged(published(5), published(5), published(6));
  expect(lines.map(([line]) => line?.split(' ').slice(0, 5).join(' '))).toEqual([
    'info worker: published 5 for',
    'debug worker: published 5 for',
    'info worker: published 6 for',
  ]);
});
