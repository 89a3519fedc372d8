import { afterEach, expect, test } from 'vitest';

import type { Fault } from '../../../src/standin/fault.ts';
import { NEVER, startLocalHeroku, type LocalHeroku } from './local-heroku.ts';

let heroku: LocalHeroku;
afterEach(() => heroku.platform.close());

test.each([
  { name: 'no standstill', set: () => {}, standstill: undefined },
  {
    name: 'maintenance mode',
    set: () => heroku.platform.setMaintenance('shop', true),
    standstill: { kind: 'maintenance' },
  },
  {
    name: 'a release phase',
    set: () => heroku.platform.setReleasing('shop', true),
    standstill: { kind: 'release' },
  },
])('$name is read with a token that may not read releases', async ({ set, standstill }) => {
  heroku = await startLocalHeroku({ scopes: ['write'] });
  set();
  expect(await heroku.formation.standstill('worker', NEVER)).toEqual(standstill);
  expect(heroku.requests().toSorted()).toEqual(['GET dynos 200', 'GET shop 200']);
});

test('process types that change together share one reading, which is repeated after 15 s', async () => {
  heroku = await startLocalHeroku();
  await Promise.all([
    heroku.formation.standstill('worker', NEVER),
    heroku.formation.standstill('worker', NEVER),
  ]);
  heroku.platform.setMaintenance('shop', true);
  heroku.clock.at += 14_000;
  expect(await heroku.formation.standstill('worker', NEVER)).toBeUndefined();
  expect(heroku.requests()).toHaveLength(2);
  heroku.clock.at += 1_000;
  expect(await heroku.formation.standstill('worker', NEVER)).toEqual({ kind: 'maintenance' });
  expect(heroku.requests()).toHaveLength(4);
});

test('a flapping formation is slowed down, and a change after a pause is not', async () => {
  heroku = await startLocalHeroku();
  let made = 0;
  for (let second = 0; second < 600; second += 1) {
    if ((await heroku.formation.standstill('worker', NEVER)) === undefined) {
      const from = made % 2 === 0 ? 3 : 5;
      await heroku.formation.resize({ processType: 'worker', from, to: 8 - from }, NEVER);
      made += 1;
    }
    heroku.clock.at += 1_000;
  }
  expect(await heroku.formation.standstill('worker', NEVER)).toEqual({ kind: 'budget' });
  expect(made).toBe(60 + Math.floor(600 / 12.8));
  heroku.clock.at += 60_000;
  expect(await heroku.formation.standstill('worker', NEVER)).toBeUndefined();
});

const FAULTS: { name: string; fault: Fault }[] = [
  { name: 'refused', fault: { status: 403 } },
  { name: 'answered 404', fault: { status: 404 } },
  { name: 'failing', fault: { status: 503 } },
  { name: 'cut off', fault: { reset: true } },
];
test.each(FAULTS)('a reading that is $name delays no change', async ({ fault }) => {
  heroku = await startLocalHeroku();
  heroku.platform.setMaintenance('shop', true);
  heroku.platform.intercept(({ path }) => (path.includes('/formation') ? 'pass' : fault));
  expect(await heroku.formation.standstill('worker', NEVER)).toBeUndefined();
  expect(heroku.requests().length).toBeGreaterThan(1);
});
