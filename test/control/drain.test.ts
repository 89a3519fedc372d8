import { beforeEach, describe, expect, test } from 'vitest';

import type { WorkerReport } from '../../src/core/drain.ts';
import { Failure } from '../../src/failure.ts';
import { describe as inWords } from '../../src/reporting/describe.ts';
import type { Outcome } from '../../src/control/outcome.ts';
import { reconcile, type Carried } from '../../src/control/reconcile.ts';
import { backlog, broken, processType, queue, InMemoryPorts } from '../support/ports.ts';

const TICK_MS = 10_000;

let world: InMemoryPorts;
let carried: Carried;

beforeEach(async () => {
  world = new InMemoryPorts();
  world.quantity = 4;
  carried = undefined;
  // At its first tick a clock holds what it finds.
  wanted(4);
  await tick();
});

const settings = processType({ scaleDownDelayMs: 0, concurrency: undefined, bootMs: undefined });

async function tick(by = settings): Promise<Outcome> {
  const result = await reconcile(
    { ports: world.ports, tickMs: TICK_MS, signal: new AbortController().signal },
    [by],
    carried,
  );
  carried = result.carried;
  world.at += TICK_MS;
  const [outcome] = result.tick.outcomes;
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
}

function wanted(dynos: number): void {
  world.backlogs = [backlog({ queues: [queue({ waiting: dynos * 100 })] })];
}

function report(ordinal: number, resting?: string): WorkerReport {
  return { dyno: `worker.${ordinal}`, ageMs: 0, resting, concurrency: 5, bootedAt: 0, readyAt: 0 };
}

function workers(limit: number | undefined, resting: readonly number[]): void {
  world.workers = {
    reports: [1, 2, 3, 4].map((ordinal) => report(ordinal, resting.includes(ordinal) ? 'e1' : undefined)),
    ...(limit === undefined ? {} : { request: { epoch: 'e1', limit, ageMs: 0 } }),
  };
}

describe('with workers that cooperate', () => {
  test('they are asked to drain first, and none is removed before it has drained', async () => {
    wanted(1);
    workers(undefined, []);
    await tick();
    expect(world.steps).toEqual([{ kind: 'ask', limit: 1, forMs: 90_000 }]);
    expect(world.resizes).toEqual([]);
  });

  test('no worker is asked to drain during maintenance', async () => {
    wanted(1);
    workers(undefined, []);
    world.standstill = { kind: 'maintenance' };
    expect(inWords(await tick())).toContain('held at 4: the app is in maintenance mode');
    expect(world.steps).toEqual([]);
  });

  test('drained dynos are removed from the highest number down', async () => {
    wanted(1);
    workers(1, [2, 4]);
    await tick();
    expect(world.resizes).toMatchObject([{ from: 4, to: 3 }]);
    expect(world.log).toEqual(['keep', 'resize']);
  });

  test('the wait rule: a dyno that the next tick wants is called back, and stays', async () => {
    const readAt = world.at - TICK_MS;
    const learned = { at: readAt, added: 100, inSystem: 2, running: 2, ready: 2, busyMs: 1_000_000 };
    carried = new Map([
      [
        'worker',
        {
          memory: {
            version: 1,
            peaks: [],
            queues: [['mail', { ...learned, departures: 100, arrivals: 0, marks: [[readAt, 100]] }]],
            capacity: { quantity: 6, booting: [] },
          },
          scaling: { quantity: 6 },
        },
      ],
    ]);
    world.quantity = 6;
    world.backlogs = [
      backlog({ queues: [queue({ waiting: 7, active: 2, added: 107, oldestReadyAt: world.at - 5000 })] }),
    ];
    world.workers = {
      request: { epoch: 'e1', limit: 1, ageMs: 0 },
      reports: [1, 2, 3, 4, 5, 6].map((ordinal) => report(ordinal, ordinal > 1 ? 'e1' : undefined)),
    };
    const byWait = { ...settings, maxWaitMs: 60_000, concurrency: 2, bootMs: 20_000 };
    const outcome = await tick(byWait);
    expect(world.steps).toMatchObject([{ kind: 'ask', limit: 2 }]);
    expect(world.resizes).toMatchObject([{ from: 6, to: 2 }]);
    expect(inWords(outcome)).toContain('2 dynos needed at the next tick: 6 → 2');
  });

  test.each([
    { name: 'that reported before are asked to drain, not removed unheard', before: true, to: undefined },
    { name: 'of which none ever reported are removed by the names on the jobs', before: false, to: 1 },
  ])('dynos that all boot and $name', async ({ before, to }) => {
    workers(undefined, []);
    if (before) await tick();
    world.workers = { reports: [] };
    wanted(1);
    await tick();
    expect(world.steps).toEqual(before ? [{ kind: 'ask', limit: 1, forMs: 90_000 }] : []);
    expect(world.resizes.map((resize) => resize.to)).toEqual(to === undefined ? [] : [to]);
  });

  test('nothing is removed when the drain request has expired', async () => {
    wanted(1);
    workers(1, [2, 3, 4]);
    world.requestCurrent = false;
    expect(inWords(await tick())).toContain('drain request expired; resending next tick');
    expect(world.resizes).toEqual([]);
  });

  test.each<{ name: string; begin: () => void; end: () => void }>([
    {
      name: 'a pause',
      begin: () => (world.pause = { by: 'the command line' }),
      end: () => (world.pause = undefined),
    },
    {
      name: 'maintenance',
      begin: () => (world.standstill = { kind: 'maintenance' }),
      end: () => (world.standstill = undefined),
    },
  ])('the time of $name, in which they work on, is no part of DRAIN_TIMEOUT_SECONDS', async (row) => {
    const bounded = { ...settings, drainTimeoutMs: 60_000 };
    wanted(1);
    workers(undefined, []);
    row.begin();
    for (let i = 0; i < 10; i += 1) await tick(bounded);
    expect(world.steps).toEqual([]);
    row.end();
    for (let i = 0; i < 6; i += 1) {
      await tick(bounded);
      workers(1, []);
    }
    expect(world.resizes).toEqual([]);
    await tick(bounded);
    expect(world.resizes).toMatchObject([{ from: 4, to: 1 }]);
  });

  test('returning demand resumes drained dynos before more are added', async () => {
    wanted(6);
    workers(1, [2, 3, 4]);
    await tick();
    expect(world.log).toEqual(['release', 'resize']);
    expect(world.resizes).toMatchObject([{ from: 4, to: 6 }]);
  });

  test('demand that half returns resumes as many as are wanted', async () => {
    wanted(2);
    workers(1, [2, 3, 4]);
    await tick();
    expect(world.steps).toMatchObject([{ kind: 'ask', limit: 2 }]);
    expect(world.resizes).toMatchObject([{ from: 4, to: 2 }]);
  });

  test('a manual hold keeps all dynos working', async () => {
    wanted(1);
    workers(undefined, []);
    await tick();
    world.quantity = 3;
    workers(1, [2, 3]);
    expect(await tick()).toMatchObject({ hold: { kind: 'manual' } });
    expect(world.log).toEqual(['ask', 'release']);
  });

  test('a queue that cannot be read has everybody work', async () => {
    world.backlogs = [backlog({ unreadable: [{ queue: 'other', failure: broken }] })];
    workers(1, [2, 3, 4]);
    await tick();
    expect(world.log).toEqual(['release']);
  });

  test('a workers that cannot be read is no reason to take dynos away', async () => {
    wanted(1);
    world.workersFailure = broken;
    expect(await tick()).toEqual({ kind: 'failed', processType: 'worker', failure: broken });
    expect(world.log).toEqual([]);
  });

  test('a Redis that refuses drain requests blocks scaling down, not up', async () => {
    world.workersWriteFailure = new Failure('REDIS_OOM', 'full', 'free some');
    wanted(1);
    workers(1, [2, 3, 4]);
    expect(await tick()).toMatchObject({ failure: { code: 'REDIS_OOM' } });
    expect(world.resizes).toEqual([]);
    wanted(9);
    await tick();
    expect(world.resizes).toMatchObject([{ from: 4, to: 9 }]);
  });

  test('the concurrency they report is what is reckoned with, also when they are gone', async () => {
    wanted(4);
    workers(undefined, []);
    await tick();
    expect(carried?.get('worker')?.scaling.concurrency?.value).toBe(5);
    world.workers = { reports: [] };
    await tick();
    expect(carried?.get('worker')?.scaling.concurrency?.value).toBe(5);
  });

  test('the boot time is learned from the dynos that a PATCH started', async () => {
    wanted(6);
    workers(undefined, []);
    const raisedAt = world.at;
    await tick();
    world.workers = {
      reports: [5, 6].map((ordinal) => ({
        ...report(ordinal),
        bootedAt: raisedAt + 9000,
        readyAt: raisedAt + 12_000,
      })),
    };
    await tick();
    expect(carried?.get('worker')?.scaling.boots?.value).toEqual([12_000, 12_000]);
  });
});

describe('workers that were added under a drain request which is long in force', () => {
  // Whoever changes the quantity, Drover continues.
  const left = processType({ ...settings, manualHoldMs: 0 });
  const old = { epoch: 'e1', limit: 2, ageMs: 600_000 };

  beforeEach(async () => {
    world.quantity = 2;
    world.workers = { reports: [report(1), report(2)], request: old };
    wanted(2);
    await tick(left);
    world.steps.length = 0;
    world.quantity = 4;
    wanted(3);
  });

  test('do not pass for silent, and the request is renewed', async () => {
    await tick(left);
    expect(world.resizes).toEqual([]);
    expect(world.steps).toMatchObject([{ kind: 'ask', limit: 3 }]);
  });

  test('may go once they have been silent for a boot and a minute since', async () => {
    await tick(left);
    world.workers = {
      reports: [report(1), report(2)],
      request: { epoch: 'e2', limit: 3, ageMs: 600_000 },
    };
    await tick(left);
    expect(world.resizes).toMatchObject([{ from: 4, to: 3 }]);
  });
});

describe('with workers that do not', () => {
  test('no drain request is written', async () => {
    wanted(1);
    await tick();
    expect(world.log).toEqual(['resize']);
  });

  test('jobs of unnamed workers block scaling down, and the decision says what helps', async () => {
    world.backlogs = [backlog({ queues: [queue({ active: 1 })], holders: new Map([[null, 1]]) })];
    const outcome = await tick();
    expect(inWords(outcome)).toContain('name workers with $DYNO to allow scaling down');
    expect(world.log).toEqual([]);
  });

  test.each([
    { name: 'a type of the app: they are not in the way', type: 'mailer', resizes: [{ to: 0 }] },
    { name: 'no type of the app: they may run anywhere', type: 'email', resizes: [] },
  ])('jobs on dynos named after $name', async ({ type, resizes }) => {
    world.others = new Map([['mailer', 2]]);
    world.backlogs = [backlog({ queues: [queue({ active: 5 })], holders: new Map([[`${type}.1`, 5]]) })];
    await tick();
    expect(world.resizes).toMatchObject(resizes);
    expect(world.resizes).toHaveLength(resizes.length);
  });

  test('without numbers they report, and are waited for until all are idle', async () => {
    world.workers = { reports: [{ ...report(1), dyno: 'worker-12a34b56d-e78f9' }] };
    const name = 'worker-12a34bcd56-7efgh';
    world.backlogs = [backlog({ queues: [queue({ active: 1 })], holders: new Map([[name, 1]]) })];
    await tick();
    expect(world.log).toEqual([]);
    world.backlogs = [backlog()];
    await tick();
    expect(world.resizes).toMatchObject([{ to: 0 }]);
  });
});
