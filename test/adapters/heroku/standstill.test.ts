import { afterEach, expect, test } from 'vitest';

import type { Fault } from '../../../src/standin/platform-fault.ts';
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
