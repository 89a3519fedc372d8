import { afterEach, expect, test } from 'vitest';

import type { Fault } from '../../../src/standin/fault.ts';
import { NEVER, startScene, type Scene } from './scene.ts';

let scene: Scene;
afterEach(() => scene.platform.close());

test.each([
  { name: 'nothing goes on', set: () => {}, standstill: undefined },
  {
    name: 'maintenance mode is on',
    set: () => scene.platform.setMaintenance('shop', true),
    standstill: { kind: 'maintenance' },
  },
  {
    name: 'the release phase runs',
    set: () => scene.platform.setReleasing('shop', true),
    standstill: { kind: 'release' },
  },
])('$name: told with a token that may not read releases', async ({ set, standstill }) => {
  scene = await startScene({ scopes: ['write'] });
  set();
  expect(await scene.formation.standstill(NEVER)).toEqual(standstill);
  expect(scene.asked().toSorted()).toEqual(['GET dynos 200', 'GET shop 200']);
});

test('it is asked once for all that change together, and again after a while', async () => {
  scene = await startScene();
  await Promise.all([scene.formation.standstill(NEVER), scene.formation.standstill(NEVER)]);
  scene.platform.setMaintenance('shop', true);
  scene.clock.at += 14_000;
  expect(await scene.formation.standstill(NEVER)).toBeUndefined();
  expect(scene.asked()).toHaveLength(2);
  scene.clock.at += 1_000;
  expect(await scene.formation.standstill(NEVER)).toEqual({ kind: 'maintenance' });
  expect(scene.asked()).toHaveLength(4);
});

test('what flaps is slowed down, and a change after a pause is not', async () => {
  scene = await startScene();
  let made = 0;
  for (let second = 0; second < 600; second += 1) {
    if ((await scene.formation.standstill(NEVER)) === undefined) {
      const from = made % 2 === 0 ? 3 : 5;
      await scene.formation.resize({ processType: 'worker', from, to: 8 - from }, NEVER);
      made += 1;
    }
    scene.clock.at += 1_000;
  }
  expect(await scene.formation.standstill(NEVER)).toEqual({ kind: 'budget' });
  expect(made).toBe(60 + Math.floor(600 / 12.8));
  scene.clock.at += 60_000;
  expect(await scene.formation.standstill(NEVER)).toBeUndefined();
});

const FAULTS: { name: string; fault: Fault }[] = [
  { name: 'refused', fault: { status: 403 } },
  { name: 'not there', fault: { status: 404 } },
  { name: 'failing', fault: { status: 503 } },
  { name: 'cut off', fault: { reset: true } },
];
test.each(FAULTS)('where it is $name, jobs do not wait for it', async ({ fault }) => {
  scene = await startScene();
  scene.platform.setMaintenance('shop', true);
  scene.platform.intercept(({ path }) => (path.includes('/formation') ? 'pass' : fault));
  expect(await scene.formation.standstill(NEVER)).toBeUndefined();
  expect(scene.asked().length).toBeGreaterThan(1);
});
