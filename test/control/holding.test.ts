import { beforeEach, describe, expect, test } from 'vitest';

import { Failure } from '../../src/failure.ts';
import { describe as inWords } from '../../src/reporting/describe.ts';
import { succeeded } from '../../src/control/outcome.ts';
import type { Result } from '../support/outcomes.ts';
import { backlog, broken, processType, queue } from '../support/ports.ts';
import { lost, only, Reconciled, TICK_MS } from '../support/reconciled.ts';

let world: Reconciled;

beforeEach(() => {
  world = new Reconciled();
});

describe('holding', () => {
  const down = async (): Promise<Result> => {
    world.quantity = 9;
    await world.tick();
    world.at += 61_000;
    return only(await world.tick());
  };

  test('a backlog that cannot be read holds, and says so', async () => {
    world.backlogs = broken;
    const seen = await world.tick();
    expect(seen.outcomes).toEqual([{ kind: 'failed', processType: 'worker', failure: broken }]);
    expect(world.resizes).toEqual([]);
    expect(succeeded(seen)).toBe(false);
  });

  test('a formation that cannot be read holds', async () => {
    world.waiting(5000);
    world.formationFailure = broken;
    expect((await world.tick()).outcomes).toEqual([
      { kind: 'failed', processType: 'worker', failure: broken },
    ]);
    expect(world.resizes).toEqual([]);
  });

  test('with one queue unreadable it may go up on what is known', async () => {
    world.backlogs = [
      backlog({ queues: [queue({ waiting: 900 })], unreadable: [{ queue: 'other', failure: broken }] }),
    ];
    await world.tick();
    expect(world.resizes).toMatchObject([{ to: 9 }]);
  });

  test('with one queue unreadable it never goes down', async () => {
    world.backlogs = [backlog({ unreadable: [{ queue: 'other', failure: broken }] })];
    expect(inWords((await down()).outcome)).toContain('no scaling down while queues cannot be read: other');
    expect(world.resizes).toEqual([]);
  });

  test('with no queue readable it fails', async () => {
    world.backlogs = [backlog({ queues: [], unreadable: [{ queue: 'mail', failure: broken }] })];
    expect((await world.tick()).outcomes).toMatchObject([{ kind: 'failed' }]);
  });

  test('the test above would go down with everything readable', async () => {
    expect(await down()).toMatchObject({ resized: { quantity: 0 } });
  });

  test('a manual quantity is held for a while, then scaled again', async () => {
    world.waiting(900);
    await world.tick();
    world.quantity = 20;
    world.at += TICK_MS;
    expect(inWords(only(await world.tick()).outcome)).toContain(
      'scaled manually; autoscaling suspended until',
    );
    world.at += 600_000;
    await world.tick();
    expect(world.resizes.map(({ to }) => to)).toEqual([9, 9]);
  });

  test('a manual 0 suspends autoscaling, however much waits', async () => {
    world.waiting(900);
    await world.tick();
    world.quantity = 0;
    for (let i = 0; i < 100; i += 1) {
      world.at += 60_000;
      expect(only(await world.tick()).hold).toEqual({ kind: 'manual', until: undefined });
    }
    expect(world.resizes).toHaveLength(1);
  });

  test('a quantity that another client sets during the tick stays', async () => {
    world.waiting(900);
    world.resizeAnswer = () => ({ kind: 'overtaken', answered: true, quantity: 4 });
    expect(inWords(only(await world.tick()).outcome)).toContain('left at 4');
    world.resizeAnswer = undefined;
    world.at += TICK_MS;
    expect(only(await world.tick()).hold).toMatchObject({ kind: 'manual' });
  });
});

describe('failing to act', () => {
  test('is a value, and the next tick decides again', async () => {
    world.waiting(900);
    world.resizeAnswer = () => {
      throw new Failure('HEROKU_UNAVAILABLE', 'Heroku answered 503', 'Wait.');
    };
    const seen = await world.tick();
    expect(only(seen).failure?.code).toBe('HEROKU_UNAVAILABLE');
    expect(succeeded(seen)).toBe(false);
    world.resizeAnswer = undefined;
    world.at += TICK_MS;
    expect(only(await world.tick()).resized).toMatchObject({ quantity: 9 });
  });

  test('a write whose answer was lost is known to be ours when it is seen', async () => {
    world.waiting(900);
    world.resizeAnswer = () => {
      world.quantity = 9;
      return { kind: 'unknown', answered: false, failure: lost };
    };
    expect(only(await world.tick()).failure).toBe(lost);
    world.at += TICK_MS;
    expect(only(await world.tick())).toMatchObject({ decision: { from: 9, to: 9 } });
    expect(world.carried?.get('worker')?.scaling.manual).toBeUndefined();
  });

  test('writes world.carried out late and out of order do not hold a growing burst', async () => {
    const late: number[] = [];
    world.resizeAnswer = ({ to }) => {
      late.push(to);
      return { kind: 'unknown', answered: false, failure: lost };
    };
    for (const [jobs, carriedOut] of [
      [1000, 3],
      [1300, 10],
      [1600, 10],
      [2200, 13],
      [2200, 10],
      [2200, 16],
    ] as const) {
      world.waiting(jobs);
      world.at += TICK_MS;
      expect([3, ...late]).toContain(carriedOut);
      world.quantity = carriedOut;
      expect(only(await world.tick()).hold).toBeUndefined();
    }
    world.resizeAnswer = undefined;
    world.at += TICK_MS;
    await world.tick();
    expect(world.quantity).toBe(22);
  });

  test('a fleet that a late write takes to 0 is started again', async () => {
    const settings = processType({ scaleDownDelayMs: 0 });
    world.waiting(0);
    await world.tick(settings);
    world.resizeAnswer = () => ({ kind: 'unknown', answered: false, failure: lost });
    world.at += TICK_MS;
    await world.tick(settings);
    expect(world.resizes).toMatchObject([{ to: 0 }]);
    world.resizeAnswer = undefined;
    world.waiting(900);
    world.at += TICK_MS;
    await world.tick(settings);
    world.at += TICK_MS;
    world.quantity = 0;
    await world.tick(settings);
    expect(world.quantity).toBe(9);
  });

  test('after a refusal the next tick may set another quantity, and is not taken for a person', async () => {
    world.waiting(900);
    world.resizeAnswer = () => {
      throw new Failure('HEROKU_FORBIDDEN', 'not allowed', 'Ask.');
    };
    await world.tick();
    expect(world.carried?.get('worker')?.scaling.writes).toMatchObject([{ from: 3, to: 9, answered: true }]);
  });

  test('a decision that is no quantity is never sent', async () => {
    world.waiting(900);
    await world.tick(processType({ min: Number.NaN, max: Number.NaN }));
    expect(world.resizes).toEqual([]);
  });

  test('a process type that leaves the Procfile and comes back at 0 is scaled', async () => {
    world.waiting(900);
    await world.tick();
    world.formationFailure = new Failure('HEROKU_TYPE_MISSING', 'no such type', 'Deploy it.');
    world.at += 600_000;
    await world.tick();
    world.formationFailure = undefined;
    world.quantity = 0;
    world.at += TICK_MS;
    expect(only(await world.tick()).hold).toBeUndefined();
    expect(world.quantity).toBe(9);
  });

  test('one process type that fails does not stop another', async () => {
    world.waiting(900);
    world.backlogs = [
      backlog({ queues: [], unreadable: [{ queue: 'mail', failure: broken }] }),
      backlog({ queues: [queue({ waiting: 900 })] }),
    ];
    const seen = await world.tick(processType(), processType({ processType: 'mailer' }));
    expect(seen.outcomes.map(({ kind }) => kind)).toEqual(['failed', 'resized']);
    expect(world.resizes).toMatchObject([{ processType: 'mailer', to: 9 }]);
  });

  test('the text of an unexpected error is not shown', async () => {
    world.waiting(900);
    world.resizeAnswer = () => {
      throw new TypeError('HRKU-secret');
    };
    const outcome = only(await world.tick());
    expect(outcome.failure?.code).toBe('UNEXPECTED');
    expect(inWords(outcome.outcome)).not.toContain('HRKU-secret');
  });
});
