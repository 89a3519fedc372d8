import { beforeEach, describe, expect, test } from 'vitest';

import { describe as inWords } from '../../src/reporting/describe.ts';
import { succeeded } from '../../src/control/outcome.ts';
import { backlog, broken, processType, queue } from '../support/ports.ts';
import { only, Reconciled, TICK_MS } from '../support/reconciled.ts';

let world: Reconciled;

beforeEach(() => {
  world = new Reconciled();
});

describe('acting', () => {
  test('a burst is set in the tick that sees it', async () => {
    world.waiting(1240);
    const outcome = only(await world.tick());
    expect(world.resizes).toEqual([{ processType: 'worker', from: 3, to: 13, size: undefined }]);
    expect(outcome.resized).toMatchObject({ kind: 'resized', answered: true, quantity: 13 });
  });

  test('nothing is written when nothing has to change', async () => {
    world.waiting(250);
    const seen = await world.tick();
    expect(world.resizes).toEqual([]);
    expect(succeeded(seen)).toBe(true);
  });

  test('another size is set even where the quantity is right', async () => {
    world.waiting(250);
    await world.tick(processType({ dynoSize: 'standard-2x' }));
    expect(world.resizes).toEqual([{ processType: 'worker', from: 3, to: 3, size: 'standard-2x' }]);
  });

  test('a size that differs only in its spelling is left', async () => {
    world.waiting(250);
    await world.tick(processType({ dynoSize: 'standard-1x' }));
    expect(world.resizes).toEqual([]);
  });

  test('a limit of the platform is kept to until it is tried again', async () => {
    world.waiting(5000);
    const limit = { count: 10, counts: 'type' } as const;
    world.resizeAnswer = () => ({ kind: 'limited', answered: true, quantity: 10, limit });
    expect(inWords(only(await world.tick()).outcome)).toContain('the platform allows no more than 10');
    world.at += TICK_MS;
    expect(only(await world.tick()).decision.to).toBe(10);
    expect(world.resizes).toHaveLength(1);
    world.at += 60_000;
    await world.tick();
    expect(world.resizes).toHaveLength(2);
  });

  test('a limit of the whole app leaves room as its other types make it', async () => {
    world.quantity = 0;
    world.others = new Map([['web', 100]]);
    world.waiting(2000);
    const limit = { count: 100, counts: 'app' } as const;
    world.resizeAnswer = () => ({ kind: 'limited', answered: true, quantity: 0, limit });
    await world.tick();
    world.resizeAnswer = undefined;
    world.at += TICK_MS;
    world.others = new Map([['web', 97]]);
    await world.tick();
    expect(world.quantity).toBe(3);
    world.at += TICK_MS;
    world.others = new Map([['web', 3]]);
    await world.tick();
    expect(world.quantity).toBe(20);
  });

  test('a limit below the minimum takes nothing away, and is not tried at every tick', async () => {
    world.waiting(2000);
    const limit = { count: 2, counts: 'type' } as const;
    world.resizeAnswer = ({ from }) => ({ kind: 'limited', answered: true, quantity: from, limit });
    await world.tick(processType({ min: 5 }));
    world.at += TICK_MS;
    expect(only(await world.tick(processType({ min: 5 }))).hold).toEqual({
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
    await world.tick();
    world.at += 61_000;
    expect(only(await world.tick()).decision.to).toBe(6);
  });
});

test('a clock that dies in its write leaves no change that looks like a person\u2019s', async () => {
  world.waiting(250);
  await world.tick();
  world.waiting(1240);
  world.resizeAnswer = ({ to }) => {
    world.quantity = to;
    // Nothing is kept any more from here on.
    world.saveFailure = broken;
    return { kind: 'resized', answered: true, quantity: to, size: 'Standard-1X' };
  };
  await world.tick();
  world.saveFailure = undefined;
  world.carried = undefined;
  world.at += TICK_MS;
  world.waiting(1940);
  expect(only(await world.tick()).hold).toBeUndefined();
  expect(world.quantity).toBe(20);
});

describe('while the platform has something else going on', () => {
  test.each([
    { kind: 'maintenance' as const, words: 'the app is in maintenance mode' },
    { kind: 'release' as const, words: 'a release of the app is in progress' },
  ])('$kind: a change is held, up as well as down, until it is over', async ({ kind, words }) => {
    world.waiting(1240);
    world.standstill = { kind };
    const held = only(await world.tick());
    expect(held.hold).toEqual({ kind });
    expect(inWords(held.outcome)).toContain(`held at 3: ${words} (1,240 jobs need 13 dynos`);
    expect(world.resizes).toEqual([]);
    world.standstill = undefined;
    world.at += TICK_MS;
    await world.tick();
    expect(world.resizes).toMatchObject([{ to: 13 }]);
  });

  test('maintenance is checked only before a change that is not held anyway', async () => {
    world.waiting(250);
    await world.tick();
    world.waiting(1240);
    world.pause = { by: 'a test' };
    await world.tick();
    expect(world.standstillsAsked).toBe(0);
    world.pause = undefined;
    await world.tick();
    expect(world.standstillsAsked).toBe(1);
  });
});
