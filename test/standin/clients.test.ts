import Heroku from 'heroku-client';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { startPlatform, type Platform } from '../../src/standin/platform.ts';

let platform: Platform;
let heroku: Heroku;

beforeEach(async () => {
  platform = await startPlatform({
    apps: [{ name: 'shop', formation: [{ type: 'worker', quantity: 2 }] }],
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

test("Heroku's own client understands the stand-in's errors", async () => {
  await expect(heroku.patch('/apps/shop/formation/mailer', { body: { quantity: 1 } })).rejects.toMatchObject({
    statusCode: 404,
    body: { id: 'not_found' },
  });
  await expect(
    heroku.patch('/apps/shop/formation/worker', { body: { quantity: 101 } }),
  ).rejects.toMatchObject({ statusCode: 422, body: { id: 'cannot_update_above_limit', limit: 100 } });
});
