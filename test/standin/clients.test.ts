import Heroku from 'heroku-client';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { startPlatform, type Platform } from '../../src/standin/platform.ts';

let platform: Platform;
let heroku: Heroku;

beforeEach(async () => {
  platform = await startPlatform({
    scopes: ['global'],
    apps: [{ name: 'shop', config: { OLD: 'x' }, formation: [{ type: 'worker', quantity: 2 }] }],
  });
  heroku = new Heroku({ host: platform.url, token: platform.token });
});
afterEach(() => platform.close());

test("Heroku's own client reads and scales a formation", async () => {
  expect(await heroku.get('/apps/shop/formation')).toMatchObject([{ type: 'worker', quantity: 2 }]);
  const scaled = await heroku.patch('/apps/shop/formation/worker', { body: { quantity: 4 } });
  expect(scaled).toMatchObject({ quantity: 4, dyno_size: { name: 'Standard-1X' } });
  expect(platform.quantity('shop', 'worker')).toBe(4);
  expect(await heroku.get('/apps/shop/dynos')).toHaveLength(4);
  expect(await heroku.get('/apps/shop')).toMatchObject({ name: 'shop', maintenance: false });
  expect(await heroku.get('/account/rate-limits')).toEqual({ remaining: 4496 });
});

test("Heroku's own client reads and sets config vars, which starts the dynos again", async () => {
  const dynos = async (): Promise<string[]> =>
    ((await heroku.get('/apps/shop/dynos')) as { id: string }[]).map(({ id }) => id);
  const before = await dynos();
  const path = '/apps/shop/config-vars';
  expect(await heroku.get(path)).toEqual({ OLD: 'x' });
  expect(await heroku.patch(path, { body: { QUEUES: 'mail', OLD: null } })).toEqual({ QUEUES: 'mail' });
  expect(await heroku.get(path)).toEqual({ QUEUES: 'mail' });
  const after = await dynos();
  expect([before.length, after.length]).toEqual([2, 2]);
  expect(after.filter((id) => before.includes(id))).toEqual([]);
  await expect(heroku.patch(path, { body: { QUEUES: 5 } })).rejects.toMatchObject({ statusCode: 422 });
});

test("Heroku's own client understands the stand-in's errors", async () => {
  await expect(heroku.patch('/apps/shop/formation/mailer', { body: { quantity: 1 } })).rejects.toMatchObject({
    statusCode: 404,
    body: { id: 'not_found' },
  });
  await expect(
    heroku.patch('/apps/shop/formation/worker', { body: { quantity: 101 } }),
  ).rejects.toMatchObject({ statusCode: 422, body: { id: 'cannot_update_above_limit', limit: 100 } });
});
