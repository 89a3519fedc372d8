import { beforeEach, describe, expect, test } from 'vitest';

import { Failure } from '../../src/failure.ts';
import { describe as inWords } from '../../src/reporting/describe.ts';
import { broken } from '../support/ports.ts';
import { only, Reconciled, TICK_MS } from '../support/reconciled.ts';

let world: Reconciled;

beforeEach(() => {
  world = new Reconciled();
});

describe('remembering', () => {
  test('a fresh process goes down no earlier than the one before it would have', async () => {
    world.waiting(4000);
    await world.tick();
    world.waiting(0);
    world.at += 30_000;
    world.carried = undefined;
    expect(only(await world.tick()).decision.to).toBe(40);
    world.at += 31_000;
    world.carried = undefined;
    expect(only(await world.tick()).decision.to).toBe(0);
  });

  test('without any memory the current quantity is the peak', async () => {
    world.quantity = 40;
    expect(only(await world.tick()).decision.to).toBe(40);
  });

  test('a state that cannot be saved is reported, and scaling continues', async () => {
    world.waiting(900);
    world.saveFailure = new Failure('REDIS_OOM', 'no memory left', 'Free some.');
    const seen = await world.tick();
    expect(seen.unsaved?.code).toBe('REDIS_OOM');
    expect(only(seen).resized).toMatchObject({ quantity: 9 });
  });
});

describe('forgetting', () => {
  test('a manual hold ends in the tick that reads the request to forget it', async () => {
    world.waiting(900);
    await world.tick();
    world.quantity = 0;
    world.at += TICK_MS;
    const held = await world.tick();
    expect(only(held).hold).toMatchObject({ kind: 'manual' });
    expect(held.beliefs).toContainEqual(expect.objectContaining({ kind: 'manual', processType: 'worker' }));
    world.forget.push('manual');
    world.at += TICK_MS;
    const after = await world.tick();
    expect(only(after).hold).toBeUndefined();
    expect(world.quantity).toBe(9);
    expect(after.beliefs?.map(({ kind }) => kind)).not.toContain('manual');
  });

  test('is done also where nothing could be decided', async () => {
    world.waiting(900);
    await world.tick();
    world.quantity = 0;
    world.at += TICK_MS;
    await world.tick();
    world.forget.push('manual');
    world.backlogs = broken;
    await world.tick();
    expect(world.kept.get('worker')?.scaling.manual).toBeUndefined();
  });
});

describe('a pause', () => {
  test('leaves everything as it is, and still says what would be done', async () => {
    world.waiting(1240);
    world.pause = { by: 'the dashboard', until: 2_000_000 };
    const seen = only(await world.tick());
    expect(world.resizes).toEqual([]);
    expect(seen.decision.to).toBe(13);
    expect(inWords(seen.outcome)).toContain(
      'held at 3: paused by the dashboard until 1970-01-01T00:33:20Z (1,240 jobs need 13 dynos: 3 → 13)',
    );
  });

  test('over, the next tick acts', async () => {
    world.waiting(1240);
    world.pause = { by: 'the command line' };
    await world.tick();
    world.pause = undefined;
    await world.tick();
    expect(world.resizes).toHaveLength(1);
  });

  test('that cannot be read holds everything', async () => {
    world.waiting(1240);
    world.pause = broken;
    const [outcome] = (await world.tick()).outcomes;
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'REDIS_UNREACHABLE' } });
    expect(world.resizes).toEqual([]);
  });
});
