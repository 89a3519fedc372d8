import { beforeEach, describe, expect, test } from 'vitest';

import type { WorkerReport } from '../../src/core/drain.ts';
import type { ListedWorker } from '../../src/core/worker-naming.ts';
import { decidedOf, type Outcome } from '../../src/control/outcome.ts';
import { reconcile, type Carried } from '../../src/control/reconcile.ts';
import { describe as inWords } from '../../src/reporting/describe.ts';
import { backlog, InMemoryPorts, processType, queue } from '../support/ports.ts';

const settings = processType({ scaleDownDelayMs: 0 });
const NAMES = ['a', 'b', 'c', 'd'];

let world: InMemoryPorts;
let carried: Carried;

beforeEach(async () => {
  world = new InMemoryPorts();
  world.quantity = 4;
  carried = undefined;
  list();
  report();
  // At its first tick a clock holds what it finds.
  wanted(4);
  await tick();
});

async function tick(by = settings): Promise<Outcome> {
  const request = { ports: world.ports, tickMs: 10_000, signal: new AbortController().signal };
  const result = await reconcile(request, [by], carried);
  carried = result.carried;
  world.at += 10_000;
  const [outcome] = result.tick.outcomes;
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
}

function wanted(pods: number, holders = new Map<string | null, number>()): void {
  world.backlogs = [backlog({ queues: [queue({ waiting: pods * 100 })], holders })];
}

function list(overrides: Readonly<Record<string, Partial<ListedWorker>>> = {}, names = NAMES): void {
  const workers = names.map((name, index) => ({
    name,
    startedAt: index,
    leaving: false,
    running: true,
    rank: 4,
    marked: false,
    ...overrides[name],
  }));
  world.naming = { kind: 'listed', workers };
}

function report(resting: readonly string[] = [], names?: readonly string[]): void {
  const reports = NAMES.map((dyno): WorkerReport => ({
    dyno,
    ageMs: 0,
    resting: resting.includes(dyno) ? 'e1' : undefined,
    concurrency: 1,
    bootedAt: 0,
    readyAt: 0,
  }));
  world.workers = {
    reports,
    ...(names === undefined ? {} : { request: { epoch: 'e1', limit: 100_000, names, ageMs: 0 } }),
  };
}

describe('with workers that cooperate', () => {
  test('the surplus is asked to drain, idle ones first and the youngest of them, and none is removed yet', async () => {
    wanted(2, new Map([['d', 1]]));
    await tick();
    expect(world.steps).toMatchObject([{ kind: 'ask', names: ['c', 'b'] }]);
    expect(world.resizes).toEqual([]);
  });

  test('those that have drained are removed, and the others named', async () => {
    wanted(2);
    report(['c'], ['c', 'b']);
    const outcome = await tick();
    expect(world.steps).toMatchObject([{ kind: 'keep', names: ['c', 'b'], epoch: 'e1' }]);
    expect(world.resizes).toMatchObject([{ from: 4, to: 3, remove: ['c'] }]);
    expect(inWords(outcome)).toContain('b is still draining');
  });

  test('after DRAIN_TIMEOUT_SECONDS they are removed drained or not', async () => {
    wanted(2);
    report(['c'], ['c', 'b']);
    await tick(processType({ scaleDownDelayMs: 0, drainTimeoutMs: 0 }));
    expect(world.resizes).toMatchObject([{ from: 4, to: 2, remove: ['c', 'b'] }]);
  });

  test('demand that returns calls them back, and takes back their marks', async () => {
    wanted(4);
    list({ c: { marked: true } });
    report(['c'], ['c']);
    await tick();
    expect(world.steps).toMatchObject([{ kind: 'release', epoch: 'e1' }]);
    expect(world.unmarked).toEqual([['c']]);
  });

  test('what the platform has yet to remove stays drained and marked, even if demand returns', async () => {
    world.quantity = 3;
    carried = undefined;
    world.kept = new Map();
    wanted(4);
    list({ c: { marked: true } });
    report(['c'], ['c']);
    await tick();
    expect(world.steps).toMatchObject([{ kind: 'keep', names: ['c'] }]);
    expect(world.unmarked).toEqual([]);
    expect(world.resizes).toMatchObject([{ from: 3, to: 4 }]);
  });

  test('none of those marked is called back before the platform has chosen among them', async () => {
    world.quantity = 3;
    carried = undefined;
    world.kept = new Map();
    wanted(3);
    list({ c: { marked: true }, d: { marked: true } });
    report(['c', 'd'], ['c', 'd']);
    await tick();
    expect(world.steps).toMatchObject([{ kind: 'keep', names: ['d', 'c'] }]);
    expect(world.unmarked).toEqual([]);
  });

  test('a rollout holds a scale-down, and no worker drains for it', async () => {
    world.standstill = { kind: 'release', mayGrow: true };
    wanted(2);
    expect(inWords(await tick())).toContain('a release of the app is in progress');
    expect(world.steps).toEqual([]);
    wanted(6);
    await tick();
    expect(world.resizes).toMatchObject([{ from: 4, to: 6 }]);
  });

  test('another autoscaler holds both', async () => {
    world.standstill = { kind: 'autoscaler', name: 'HorizontalPodAutoscaler cpu' };
    wanted(6);
    expect(inWords(await tick())).toContain(
      'another autoscaler sets the same quantity: HorizontalPodAutoscaler cpu',
    );
    expect(world.resizes).toEqual([]);
  });
});

describe('with workers that are only named', () => {
  beforeEach(async () => {
    world.workers = { reports: [] };
    carried = undefined;
    world.kept = new Map();
    await tick();
  });

  test('the idle ones may be removed', async () => {
    wanted(1, new Map([['c', 1]]));
    await tick();
    expect(world.resizes).toMatchObject([{ from: 4, to: 1, remove: ['d', 'b', 'a'] }]);
  });

  test('none is, while a job runs that has no name', async () => {
    wanted(1, new Map([[null, 1]]));
    await tick();
    expect(world.resizes).toEqual([]);
  });
});

test('a limit that is seen bounds a scale-up, with its reason, and ends when it is not seen', async () => {
  world.limit = { count: 3, kind: 'refused', reason: 'exceeded quota: pods=3' };
  wanted(9);
  const outcome = await tick();
  expect(outcome).toMatchObject({ kind: 'unchanged', policy: { max: 4 } });
  expect(decidedOf(outcome)?.policy.boundsNote).toBe('Heroku runs no more than 3: exceeded quota: pods=3');
  expect(world.resizes).toEqual([]);
  world.limit = undefined;
  await tick();
  expect(world.resizes).toMatchObject([{ from: 4, to: 9 }]);
});
