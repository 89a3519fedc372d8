import { beforeEach, describe, expect, test } from 'vitest';

import { Failure } from '../../src/failure.ts';
import { conclude } from '../../src/control/reconcile.ts';
import { broken } from '../support/ports.ts';
import { only, Reconciled, TICK_MS } from '../support/reconciled.ts';

let world: Reconciled;

beforeEach(() => {
  world = new Reconciled();
});

describe('the lease', () => {
  test('while another clock has it, nothing is read', async () => {
    world.held = 'standby';
    expect(await world.tick()).toMatchObject({ standby: true, outcomes: [] });
    expect(world.reads).toBe(0);
  });

  test('lost between the decision and the write, nothing is written', async () => {
    world.waiting(900);
    world.confirmFailure = new Failure('LEASE_LOST', 'another clock took over', 'Nothing to do.');
    expect(only(await world.tick()).failure?.code).toBe('LEASE_LOST');
    expect(world.resizes).toEqual([]);
  });

  test('that cannot be acquired holds everything', async () => {
    world.leaseFailure = broken;
    expect((await world.tick()).outcomes).toMatchObject([{ kind: 'failed' }]);
  });

  test('back after others had it, what they set is no person\u2019s, and what they kept counts', async () => {
    world.waiting(300);
    await world.tick();
    const own = world.carried;
    // Another clock takes over, sets 0, keeps that, and leaves.
    world.carried = undefined;
    world.waiting(0);
    world.at += 61_000;
    await world.tick();
    world.at += 61_000;
    await world.tick();
    expect(world.quantity).toBe(0);
    world.carried = own;
    world.held = 'taken';
    world.waiting(900);
    world.at += 86_400_000;
    expect(only(await world.tick()).hold).toBeUndefined();
    expect(world.quantity).toBe(9);
  });

  test('taken again with nothing kept, the quantity is taken as it is', async () => {
    world.waiting(300);
    await world.tick();
    world.kept = new Map();
    world.held = 'taken';
    world.quantity = 7;
    world.at += TICK_MS;
    world.waiting(900);
    await world.tick();
    expect(world.quantity).toBe(9);
  });

  test('after an orderly end, the next clock still recognises a manual change', async () => {
    world.waiting(300);
    await world.tick();
    await conclude(world.ports, world.carried);
    world.carried = undefined;
    world.held = 'taken';
    world.quantity = 7;
    world.at += TICK_MS;
    expect(only(await world.tick()).hold).toMatchObject({ kind: 'manual' });
  });

  test('taken over, what the other clock remembered counts', async () => {
    world.waiting(4000);
    await world.tick();
    world.held = 'standby';
    await world.tick();
    world.held = 'taken';
    world.waiting(0);
    world.at += TICK_MS;
    expect(only(await world.tick()).decision.to).toBe(40);
    expect(world.loads).toBe(2);
  });
});
