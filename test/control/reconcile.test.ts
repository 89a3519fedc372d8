import { beforeEach, describe, expect, test } from 'vitest';

import { Failure } from '../../src/failure.ts';
import type { ProcessTypeSettings } from '../../src/config/settings.ts';
import { describe as inWords } from '../../src/reporting/describe.ts';
import { succeeded, type Tick } from '../../src/control/outcome.ts';
import { conclude, reconcile, type Carried } from '../../src/control/reconcile.ts';
import { resultOf, type Result } from '../support/outcomes.ts';
import { backlog, broken, processType, queue, InMemoryPorts } from '../support/ports.ts';

const TICK_MS = 10_000;

const lost = new Failure('HEROKU_UNREACHABLE', 'the connection was lost', 'Wait.');

let world: InMemoryPorts;
let carried: Carried;

beforeEach(() => {
  world = new InMemoryPorts();
  carried = undefined;
});

async function tick(...settings: ProcessTypeSettings[]): Promise<Tick> {
  const types = settings.length > 0 ? settings : [processType()];
  const result = await reconcile(
    { ports: world.ports, tickMs: TICK_MS, signal: new AbortController().signal },
    types,
    carried,
  );
  carried = result.carried;
  return result.tick;
}

function only(seen: Tick): Result {
  expect(seen.outcomes).toHaveLength(1);
  return resultOf(seen.outcomes[0]);
}

function waiting(jobs: number): void {
  world.backlogs = [backlog({ queues: [queue({ waiting: jobs, added: jobs })] })];
}

describe('acting', () => {
  test('a burst is set in the tick that sees it', async () => {
    waiting(1240);
    const outcome = only(await tick());
    expect(world.resizes).toEqual([{ processType: 'worker', from: 3, to: 13, size: undefined }]);
    expect(outcome.resized).toMatchObject({ kind: 'resized', answered: true, quantity: 13 });
  });

  test('nothing is written when nothing has to change', async () => {
    waiting(250);
    const seen = await tick();
    expect(world.resizes).toEqual([]);
    expect(succeeded(seen)).toBe(true);
  });

  test('another size is set even where the quantity is right', async () => {
    waiting(250);
    await tick(processType({ dynoSize: 'standard-2x' }));
    expect(world.resizes).toEqual([{ processType: 'worker', from: 3, to: 3, size: 'standard-2x' }]);
  });

  test('a size that differs only in its spelling is left', async () => {
    waiting(250);
    await tick(processType({ dynoSize: 'standard-1x' }));
    expect(world.resizes).toEqual([]);
  });

  test('a limit of the platform is kept to until it is tried again', async () => {
    waiting(5000);
    const limit = { count: 10, counts: 'type' } as const;
    world.resizeAnswer = () => ({ kind: 'limited', answered: true, quantity: 10, limit });
    expect(inWords(only(await tick()).outcome)).toContain('the platform allows no more than 10');
    world.at += TICK_MS;
    expect(only(await tick()).decision.to).toBe(10);
    expect(world.resizes).toHaveLength(1);
    world.at += 60_000;
    await tick();
    expect(world.resizes).toHaveLength(2);
  });

  test('a limit of the whole app leaves room as its other types make it', async () => {
    world.quantity = 0;
    world.others = new Map([['web', 100]]);
    waiting(2000);
    const limit = { count: 100, counts: 'app' } as const;
    world.resizeAnswer = () => ({ kind: 'limited', answered: true, quantity: 0, limit });
    await tick();
    world.resizeAnswer = undefined;
    world.at += TICK_MS;
    world.others = new Map([['web', 97]]);
    await tick();
    expect(world.quantity).toBe(3);
    world.at += TICK_MS;
    world.others = new Map([['web', 3]]);
    await tick();
    expect(world.quantity).toBe(20);
  });

  test('a limit below the minimum takes nothing away, and is not tried at every tick', async () => {
    waiting(2000);
    const limit = { count: 2, counts: 'type' } as const;
    world.resizeAnswer = ({ from }) => ({ kind: 'limited', answered: true, quantity: from, limit });
    await tick(processType({ min: 5 }));
    world.at += TICK_MS;
    expect(only(await tick(processType({ min: 5 }))).hold).toEqual({
      kind: 'limit',
      limit: 2,
      until: 1_060_000,
    });
    expect(world.resizes).toHaveLength(1);
    expect(world.quantity).toBe(3);
  });

  test('running jobs keep their dynos by the names of their workers', async () => {
    world.quantity = 9;
    world.others = new Map([['mailer', 8]]);
    world.backlogs = [
      backlog({
        queues: [queue({ active: 1 })],
        holders: new Map([
          ['worker.6', 1],
          ['mailer.8', 1],
        ]),
      }),
    ];
    await tick();
    world.at += 61_000;
    expect(only(await tick()).decision.to).toBe(6);
  });
});

test('a clock that dies in its write leaves no change that looks like a person\u2019s', async () => {
  waiting(250);
  await tick();
  waiting(1240);
  world.resizeAnswer = ({ to }) => {
    world.quantity = to;
    // Nothing is kept any more from here on.
    world.saveFailure = broken;
    return { kind: 'resized', answered: true, quantity: to, size: 'Standard-1X' };
  };
  await tick();
  world.saveFailure = undefined;
  carried = undefined;
  world.at += TICK_MS;
  waiting(1940);
  expect(only(await tick()).hold).toBeUndefined();
  expect(world.quantity).toBe(20);
});

describe('while the platform has something else going on', () => {
  test.each([
    { kind: 'maintenance' as const, words: 'the app is in maintenance mode' },
    { kind: 'release' as const, words: 'a release of the app is in progress' },
  ])('$kind: a change is held, up as well as down, until it is over', async ({ kind, words }) => {
    waiting(1240);
    world.standstill = { kind };
    const held = only(await tick());
    expect(held.hold).toEqual({ kind });
    expect(inWords(held.outcome)).toContain(`held at 3: ${words} (1,240 jobs need 13 dynos`);
    expect(world.resizes).toEqual([]);
    world.standstill = undefined;
    world.at += TICK_MS;
    await tick();
    expect(world.resizes).toMatchObject([{ to: 13 }]);
  });

  test('maintenance is checked only before a change that is not held anyway', async () => {
    waiting(250);
    await tick();
    waiting(1240);
    world.pause = { by: 'a test' };
    await tick();
    expect(world.standstillsAsked).toBe(0);
    world.pause = undefined;
    await tick();
    expect(world.standstillsAsked).toBe(1);
  });
});

describe('holding', () => {
  const down = async (): Promise<Result> => {
    world.quantity = 9;
    await tick();
    world.at += 61_000;
    return only(await tick());
  };

  test('a backlog that cannot be read holds, and says so', async () => {
    world.backlogs = broken;
    const seen = await tick();
    expect(seen.outcomes).toEqual([{ kind: 'failed', processType: 'worker', failure: broken }]);
    expect(world.resizes).toEqual([]);
    expect(succeeded(seen)).toBe(false);
  });

  test('a formation that cannot be read holds', async () => {
    waiting(5000);
    world.formationFailure = broken;
    expect((await tick()).outcomes).toEqual([{ kind: 'failed', processType: 'worker', failure: broken }]);
    expect(world.resizes).toEqual([]);
  });

  test('with one queue unreadable it may go up on what is known', async () => {
    world.backlogs = [
      backlog({ queues: [queue({ waiting: 900 })], unreadable: [{ queue: 'other', failure: broken }] }),
    ];
    await tick();
    expect(world.resizes).toMatchObject([{ to: 9 }]);
  });

  test('with one queue unreadable it never goes down', async () => {
    world.backlogs = [backlog({ unreadable: [{ queue: 'other', failure: broken }] })];
    expect(inWords((await down()).outcome)).toContain('no scaling down while queues cannot be read: other');
    expect(world.resizes).toEqual([]);
  });

  test('with no queue readable it fails', async () => {
    world.backlogs = [backlog({ queues: [], unreadable: [{ queue: 'mail', failure: broken }] })];
    expect((await tick()).outcomes).toMatchObject([{ kind: 'failed' }]);
  });

  test('the test above would go down with everything readable', async () => {
    expect(await down()).toMatchObject({ resized: { quantity: 0 } });
  });

  test('a manual quantity is held for a while, then scaled again', async () => {
    waiting(900);
    await tick();
    world.quantity = 20;
    world.at += TICK_MS;
    expect(inWords(only(await tick()).outcome)).toContain('scaled manually; autoscaling suspended until');
    world.at += 600_000;
    await tick();
    expect(world.resizes.map(({ to }) => to)).toEqual([9, 9]);
  });

  test('a manual 0 suspends autoscaling, however much waits', async () => {
    waiting(900);
    await tick();
    world.quantity = 0;
    for (let i = 0; i < 100; i += 1) {
      world.at += 60_000;
      expect(only(await tick()).hold).toEqual({ kind: 'manual', until: undefined });
    }
    expect(world.resizes).toHaveLength(1);
  });

  test('a quantity that another client sets during the tick stays', async () => {
    waiting(900);
    world.resizeAnswer = () => ({ kind: 'overtaken', answered: true, quantity: 4 });
    expect(inWords(only(await tick()).outcome)).toContain('left at 4');
    world.resizeAnswer = undefined;
    world.at += TICK_MS;
    expect(only(await tick()).hold).toMatchObject({ kind: 'manual' });
  });
});

describe('failing to act', () => {
  test('is a value, and the next tick decides again', async () => {
    waiting(900);
    world.resizeAnswer = () => {
      throw new Failure('HEROKU_UNAVAILABLE', 'Heroku answered 503', 'Wait.');
    };
    const seen = await tick();
    expect(only(seen).failure?.code).toBe('HEROKU_UNAVAILABLE');
    expect(succeeded(seen)).toBe(false);
    world.resizeAnswer = undefined;
    world.at += TICK_MS;
    expect(only(await tick()).resized).toMatchObject({ quantity: 9 });
  });

  test('a write whose answer was lost is known to be ours when it is seen', async () => {
    waiting(900);
    world.resizeAnswer = () => {
      world.quantity = 9;
      return { kind: 'unknown', answered: false, failure: lost };
    };
    expect(only(await tick()).failure).toBe(lost);
    world.at += TICK_MS;
    expect(only(await tick())).toMatchObject({ decision: { from: 9, to: 9 } });
    expect(carried?.get('worker')?.scaling.manual).toBeUndefined();
  });

  test('writes carried out late and out of order do not hold a growing burst', async () => {
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
      waiting(jobs);
      world.at += TICK_MS;
      expect([3, ...late]).toContain(carriedOut);
      world.quantity = carriedOut;
      expect(only(await tick()).hold).toBeUndefined();
    }
    world.resizeAnswer = undefined;
    world.at += TICK_MS;
    await tick();
    expect(world.quantity).toBe(22);
  });

  test('a fleet that a late write takes to 0 is started again', async () => {
    const settings = processType({ scaleDownDelayMs: 0 });
    waiting(0);
    await tick(settings);
    world.resizeAnswer = () => ({ kind: 'unknown', answered: false, failure: lost });
    world.at += TICK_MS;
    await tick(settings);
    expect(world.resizes).toMatchObject([{ to: 0 }]);
    world.resizeAnswer = undefined;
    waiting(900);
    world.at += TICK_MS;
    await tick(settings);
    world.at += TICK_MS;
    world.quantity = 0;
    await tick(settings);
    expect(world.quantity).toBe(9);
  });

  test('after a refusal the next tick may set another quantity, and is not taken for a person', async () => {
    waiting(900);
    world.resizeAnswer = () => {
      throw new Failure('HEROKU_FORBIDDEN', 'not allowed', 'Ask.');
    };
    await tick();
    expect(carried?.get('worker')?.scaling.writes).toMatchObject([{ from: 3, to: 9, answered: true }]);
  });

  test('a decision that is no quantity is never sent', async () => {
    waiting(900);
    await tick(processType({ min: Number.NaN, max: Number.NaN }));
    expect(world.resizes).toEqual([]);
  });

  test('a process type that leaves the Procfile and comes back at 0 is scaled', async () => {
    waiting(900);
    await tick();
    world.formationFailure = new Failure('HEROKU_TYPE_MISSING', 'no such type', 'Deploy it.');
    world.at += 600_000;
    await tick();
    world.formationFailure = undefined;
    world.quantity = 0;
    world.at += TICK_MS;
    expect(only(await tick()).hold).toBeUndefined();
    expect(world.quantity).toBe(9);
  });

  test('one process type that fails does not stop another', async () => {
    waiting(900);
    world.backlogs = [
      backlog({ queues: [], unreadable: [{ queue: 'mail', failure: broken }] }),
      backlog({ queues: [queue({ waiting: 900 })] }),
    ];
    const seen = await tick(processType(), processType({ processType: 'mailer' }));
    expect(seen.outcomes.map(({ kind }) => kind)).toEqual(['failed', 'resized']);
    expect(world.resizes).toMatchObject([{ processType: 'mailer', to: 9 }]);
  });

  test('the text of an unexpected error is not shown', async () => {
    waiting(900);
    world.resizeAnswer = () => {
      throw new TypeError('HRKU-secret');
    };
    const outcome = only(await tick());
    expect(outcome.failure?.code).toBe('UNEXPECTED');
    expect(inWords(outcome.outcome)).not.toContain('HRKU-secret');
  });
});

describe('the lease', () => {
  test('while another clock has it, nothing is read', async () => {
    world.held = 'standby';
    expect(await tick()).toMatchObject({ standby: true, outcomes: [] });
    expect(world.reads).toBe(0);
  });

  test('lost between the decision and the write, nothing is written', async () => {
    waiting(900);
    world.confirmFailure = new Failure('LEASE_LOST', 'another clock took over', 'Nothing to do.');
    expect(only(await tick()).failure?.code).toBe('LEASE_LOST');
    expect(world.resizes).toEqual([]);
  });

  test('that cannot be acquired holds everything', async () => {
    world.leaseFailure = broken;
    expect((await tick()).outcomes).toMatchObject([{ kind: 'failed' }]);
  });

  test('back after others had it, what they set is no person\u2019s, and what they kept counts', async () => {
    waiting(300);
    await tick();
    const own = carried;
    // Another clock takes over, sets 0, keeps that, and leaves.
    carried = undefined;
    waiting(0);
    world.at += 61_000;
    await tick();
    world.at += 61_000;
    await tick();
    expect(world.quantity).toBe(0);
    carried = own;
    world.held = 'taken';
    waiting(900);
    world.at += 86_400_000;
    expect(only(await tick()).hold).toBeUndefined();
    expect(world.quantity).toBe(9);
  });

  test('taken again with nothing kept, the quantity is taken as it is', async () => {
    waiting(300);
    await tick();
    world.kept = new Map();
    world.held = 'taken';
    world.quantity = 7;
    world.at += TICK_MS;
    waiting(900);
    await tick();
    expect(world.quantity).toBe(9);
  });

  test('after an orderly end, the next clock still recognises a manual change', async () => {
    waiting(300);
    await tick();
    await conclude(world.ports, carried);
    carried = undefined;
    world.held = 'taken';
    world.quantity = 7;
    world.at += TICK_MS;
    expect(only(await tick()).hold).toMatchObject({ kind: 'manual' });
  });

  test('taken over, what the other clock remembered counts', async () => {
    waiting(4000);
    await tick();
    world.held = 'standby';
    await tick();
    world.held = 'taken';
    waiting(0);
    world.at += TICK_MS;
    expect(only(await tick()).decision.to).toBe(40);
    expect(world.loads).toBe(2);
  });
});

describe('remembering', () => {
  test('a fresh process goes down no earlier than the one before it would have', async () => {
    waiting(4000);
    await tick();
    waiting(0);
    world.at += 30_000;
    carried = undefined;
    expect(only(await tick()).decision.to).toBe(40);
    world.at += 31_000;
    carried = undefined;
    expect(only(await tick()).decision.to).toBe(0);
  });

  test('without any memory the current quantity is the peak', async () => {
    world.quantity = 40;
    expect(only(await tick()).decision.to).toBe(40);
  });

  test('a state that cannot be saved is reported, and scaling continues', async () => {
    waiting(900);
    world.saveFailure = new Failure('REDIS_OOM', 'no memory left', 'Free some.');
    const seen = await tick();
    expect(seen.unsaved?.code).toBe('REDIS_OOM');
    expect(only(seen).resized).toMatchObject({ quantity: 9 });
  });
});

describe('forgetting', () => {
  test('a manual hold ends in the tick that reads the request to forget it', async () => {
    waiting(900);
    await tick();
    world.quantity = 0;
    world.at += TICK_MS;
    const held = await tick();
    expect(only(held).hold).toMatchObject({ kind: 'manual' });
    expect(held.beliefs).toContainEqual(expect.objectContaining({ kind: 'manual', processType: 'worker' }));
    world.forget.push('manual');
    world.at += TICK_MS;
    const after = await tick();
    expect(only(after).hold).toBeUndefined();
    expect(world.quantity).toBe(9);
    expect(after.beliefs?.map(({ kind }) => kind)).not.toContain('manual');
  });

  test('is done also where nothing could be decided', async () => {
    waiting(900);
    await tick();
    world.quantity = 0;
    world.at += TICK_MS;
    await tick();
    world.forget.push('manual');
    world.backlogs = broken;
    await tick();
    expect(world.kept.get('worker')?.scaling.manual).toBeUndefined();
  });
});

describe('a pause', () => {
  test('leaves everything as it is, and still says what would be done', async () => {
    waiting(1240);
    world.pause = { by: 'the dashboard', until: 2_000_000 };
    const seen = only(await tick());
    expect(world.resizes).toEqual([]);
    expect(seen.decision.to).toBe(13);
    expect(inWords(seen.outcome)).toContain(
      'held at 3: paused by the dashboard until 1970-01-01T00:33:20.000Z (1,240 jobs need 13 dynos: 3 → 13)',
    );
  });

  test('over, the next tick acts', async () => {
    waiting(1240);
    world.pause = { by: 'the command line' };
    await tick();
    world.pause = undefined;
    await tick();
    expect(world.resizes).toHaveLength(1);
  });

  test('that cannot be read holds everything', async () => {
    waiting(1240);
    world.pause = broken;
    const [outcome] = (await tick()).outcomes;
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'REDIS_UNREACHABLE' } });
    expect(world.resizes).toEqual([]);
  });
});
