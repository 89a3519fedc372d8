import { describe, expect, test } from 'vitest';

import {
  drainedNames,
  fittingNames,
  nameStep,
  NO_LIMIT,
  removalOrder,
} from '../../src/core/drain-by-name.ts';
import type { DrainRequest, DrainStep, WorkerReport } from '../../src/core/drain.ts';
import type { ListedWorker } from '../../src/core/worker-naming.ts';

function pod(name: string, overrides: Partial<ListedWorker> = {}): ListedWorker {
  return { name, startedAt: 1000, leaving: false, running: true, rank: 4, marked: false, ...overrides };
}

function report(dyno: string, overrides: Partial<WorkerReport> = {}): WorkerReport {
  return { dyno, ageMs: 500, concurrency: 5, bootedAt: 1000, readyAt: 3000, ...overrides };
}

function request(names: readonly string[] | undefined, overrides: Partial<DrainRequest> = {}): DrainRequest {
  return { epoch: 'e1', limit: NO_LIMIT, names, ageMs: 5000, ...overrides };
}

const resting = (name: string): WorkerReport => report(name, { resting: 'e1' });

describe('drained are', () => {
  const old = { ageMs: 200_000 };
  test.each<{
    name: string;
    asked?: DrainRequest;
    pods?: readonly ListedWorker[];
    reports: readonly WorkerReport[];
    silentMayGo?: boolean;
    busy?: string[];
    drained: string[];
  }>([
    { name: 'none without a request', reports: [resting('a')], drained: [] },
    {
      name: 'none under a request of numbers',
      asked: request(undefined),
      reports: [resting('a')],
      drained: [],
    },
    {
      name: 'those that report it',
      asked: request(['a', 'b']),
      reports: [resting('a'), report('b')],
      drained: ['a'],
    },
    { name: 'none that was not named', asked: request(['b']), reports: [resting('a')], drained: [] },
    {
      name: 'none under another epoch',
      asked: request(['a'], { epoch: 'e2' }),
      reports: [resting('a')],
      drained: [],
    },
    {
      name: 'none with one process that works',
      asked: request(['a']),
      reports: [resting('a'), report('a')],
      drained: [],
    },
    {
      name: 'none whose report is old',
      asked: request(['a']),
      reports: [{ ...resting('a'), ageMs: 11_000 }],
      drained: [],
    },
    {
      name: 'those without a running process',
      asked: request(['a']),
      pods: [pod('a', { running: false })],
      reports: [],
      drained: ['a'],
    },
    {
      name: 'none that reports work while the platform says that it does not run',
      asked: request(['a']),
      pods: [pod('a', { running: false })],
      reports: [report('a')],
      drained: [],
    },
    {
      name: 'those that never report, after a boot and a minute',
      asked: request(['a'], old),
      reports: [],
      drained: ['a'],
    },
    {
      name: 'none that never reports, if some job may be its own',
      asked: request(['a'], old),
      reports: [],
      silentMayGo: false,
      drained: [],
    },
    {
      name: 'none that never reports and runs a job',
      asked: request(['a'], old),
      reports: [],
      busy: ['a'],
      drained: [],
    },
  ])('$name', ({ asked, pods = [pod('a'), pod('b')], reports, silentMayGo = true, busy = [], drained }) => {
    const reading = { ...(asked === undefined ? {} : { request: asked }), reports };
    const found = drainedNames(pods, reading, { bootMs: 30_000, busy: new Set(busy), silentMayGo });
    expect([...found]).toEqual(drained);
  });
});

describe('of two workers the first to go is', () => {
  test.each<{
    name: string;
    other: ListedWorker;
    asked?: string[];
    drained?: string[];
    busy?: string[];
  }>([
    {
      name: 'the one that the platform takes first, busy or not',
      other: pod('b', { rank: 3 }),
      busy: ['b'],
      drained: ['a'],
    },
    { name: 'the drained one', other: pod('b'), drained: ['b'], busy: ['b'] },
    {
      name: 'the one that drains already, although the other is idle',
      other: pod('b'),
      asked: ['b'],
      busy: ['b'],
    },
    { name: 'the idle one', other: pod('b'), busy: ['a'] },
    { name: 'the younger of equals', other: pod('b', { startedAt: 2000 }) },
  ])('$name', ({ other, asked, drained = [], busy = [] }) => {
    const order = removalOrder([pod('a'), other], asked && request(asked), {
      busy: new Set(busy),
      drained: new Set(drained),
    });
    expect(order).toEqual(['b', 'a']);
  });
});

describe('the step', () => {
  const pods = [pod('a'), pod('b'), pod('c')];
  test.each<{ name: string; before?: DrainRequest; names: string[]; step: DrainStep }>([
    { name: 'nothing without a request and a surplus', names: [], step: { kind: 'nothing' } },
    { name: 'a first request', names: ['a'], step: { kind: 'ask', limit: NO_LIMIT, names: ['a'] } },
    {
      name: 'the same names keep the epoch',
      before: request(['a']),
      names: ['a'],
      step: { kind: 'keep', limit: NO_LIMIT, names: ['a'], epoch: 'e1' },
    },
    {
      name: 'more names keep the epoch',
      before: request(['a']),
      names: ['a', 'b'],
      step: { kind: 'keep', limit: NO_LIMIT, names: ['a', 'b'], epoch: 'e1' },
    },
    {
      name: 'a name that is gone keeps the epoch',
      before: request(['gone', 'a']),
      names: ['a'],
      step: { kind: 'keep', limit: NO_LIMIT, names: ['a'], epoch: 'e1' },
    },
    {
      name: 'a worker that is called back begins another epoch',
      before: request(['a', 'b']),
      names: ['a'],
      step: { kind: 'ask', limit: NO_LIMIT, names: ['a'] },
    },
    {
      name: 'all are called back',
      before: request(['a']),
      names: [],
      step: { kind: 'release', epoch: 'e1' },
    },
    {
      name: 'a request for removed workers is left to expire',
      before: request(['gone']),
      names: [],
      step: { kind: 'nothing' },
    },
    {
      name: 'a request of numbers is replaced',
      before: request(undefined, { limit: 2 }),
      names: ['a'],
      step: { kind: 'ask', limit: NO_LIMIT, names: ['a'] },
    },
  ])('$name', ({ before, names, step }) => {
    expect(nameStep(before, names, pods)).toEqual(step);
  });
});

test('a request lists as many names as a worker reads', () => {
  const names = Array.from(
    { length: 200 },
    (_, index) => `worker-7d9f5c6b8-${String(index).padStart(5, '0')}`,
  );
  const fitting = fittingNames(names);
  expect(fitting.length).toBeGreaterThan(100);
  expect(
    JSON.stringify({ epoch: 'x'.repeat(36), limit: NO_LIMIT, names: fitting, since: 1e13, forMs: 1e7 })
      .length,
  ).toBeLessThan(4000);
  expect(fitting).toEqual(names.slice(0, fitting.length));
});
