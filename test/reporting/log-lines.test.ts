import { expect, test } from 'vitest';

import type { Outcome, Tick } from '../../src/control/outcome.ts';
import { NOTHING_LOGGED, logLines } from '../../src/reporting/log-lines.ts';
import { policyAt } from '../../src/control/policy.ts';
import { backlog, broken, processType } from '../support/ports.ts';

const decided: Outcome = {
  kind: 'decided',
  processType: 'worker',
  backlog: backlog(),
  formation: { processType: 'worker', quantity: 3, size: 'Standard-1X', others: new Map(), readAt: 0 },
  decision: { from: 3, to: 3, reason: '0 jobs ask for 0 dynos, the minimum is 3: hold at 3', steps: [] },
  policy: policyAt(processType(), {}, { quantity: 3, others: new Map() }, 10_000, 0),
};
const blind: Outcome = { kind: 'blind', processType: 'worker', failure: broken };

/** What a run of ticks 10 s apart says, as `level message`. */
function said(...ticks: Partial<Tick>[]): string[][] {
  let told = NOTHING_LOGGED;
  return ticks.map((tick, index) => {
    const seen = logLines(told, {
      at: index * 10_000,
      tickMs: 10_000,
      tookMs: 1,
      standby: false,
      outcomes: [],
      ...tick,
    });
    told = seen.told;
    return seen.lines.map(({ level, message }) => `${level} ${message}`);
  });
}

test('the first look is told, plain holds after it only for debug', () => {
  const line = 'worker: 0 jobs ask for 0 dynos, the minimum is 3: hold at 3';
  expect(said({ outcomes: [decided] }, { outcomes: [decided] })).toEqual([
    [`info ${line}`],
    [`debug ${line}`],
  ]);
});

test('every change is told', () => {
  const decision = { from: 3, to: 9, reason: '900 jobs ask for 9 dynos: 3 → 9', steps: [] };
  const resized = { kind: 'resized', answered: true, quantity: 9, size: 'Standard-1X' } as const;
  expect(said({ outcomes: [decided] }, { outcomes: [{ ...decided, decision, resized }] })[1]).toEqual([
    'info worker: set to 9 Standard-1X: 900 jobs ask for 9 dynos: 3 → 9',
  ]);
});

test('a trouble is told when it begins and when it ends, not in between', () => {
  const told = said(
    { outcomes: [blind] },
    { outcomes: [blind] },
    { outcomes: [blind] },
    { outcomes: [decided] },
  );
  expect(told.map((lines) => lines.filter((line) => !line.startsWith('debug')))).toEqual([
    ['warn worker: holding, as something could not be read: Redis cannot be reached. Look at it.'],
    [],
    [],
    ['info over after 30 s: worker: REDIS_UNREACHABLE'],
  ]);
});

test.each([
  { hold: { kind: 'paused', by: 'the dashboard' }, over: 'paused' },
  { hold: { kind: 'manual' }, over: 'set by hand' },
  { hold: { kind: 'maintenance' }, over: 'maintenance mode' },
  { hold: { kind: 'release' }, over: 'a release in progress' },
] as const)('a hold that somebody should hear of is told once: $over', ({ hold, over }) => {
  const held = { ...decided, hold };
  const told = said({ outcomes: [held] }, { outcomes: [held] }, { outcomes: [decided] });
  expect(told.map((lines) => lines.filter((line) => /^warn|over/.test(line)))).toEqual([
    [expect.stringMatching(/^warn worker: /)],
    [],
    [`info over after 20 s: worker: ${over}`],
  ]);
});

test('a trouble that comes back is told again', () => {
  const told = said({ outcomes: [blind] }, { outcomes: [decided] }, { outcomes: [blind] });
  expect(told[2]).toHaveLength(1);
});

test('standing by, not remembering, an unreadable queue and a hand are told once each', () => {
  const outcome: Outcome = {
    ...decided,
    backlog: backlog({ unreadable: [{ queue: 'other', failure: broken }] }),
    hold: { kind: 'manual', until: 600_000 },
  };
  const told = said(
    { standby: true },
    { outcomes: [outcome], forgetful: broken },
    { outcomes: [outcome], forgetful: broken },
  );
  expect(told[0]).toEqual(['info standing by: another clock holds the lease']);
  expect(told[1]?.filter((line) => line.startsWith('warn'))).toEqual([
    'warn worker: Redis cannot be reached. Look at it.',
    'warn worker: set by hand, left alone until 1970-01-01T00:10:00.000Z',
    'warn acting, but not remembering: Redis cannot be reached. Look at it.',
  ]);
  expect(told[2]?.filter((line) => !line.startsWith('debug'))).toEqual([]);
});
