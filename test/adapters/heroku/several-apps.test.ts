import { afterEach, beforeEach, expect, test } from 'vitest';

import { HerokuAccount } from '../../../src/adapters/heroku/account.ts';
import { herokuFormation } from '../../../src/adapters/heroku/formation.ts';
import { accountsOf } from '../../../src/cli/composition.ts';
import { loadAllSettings } from '../../../src/config/load.ts';
import type { Formation } from '../../../src/ports/platform.ts';
import { startPlatform, type Platform } from '../../../src/standin/platform.ts';
import { FakeClock } from './fake-clock.ts';
import { NEVER } from './local-heroku.ts';

let platform: Platform;
let clock: FakeClock;

beforeEach(async () => {
  clock = new FakeClock();
  const formation = [{ type: 'worker', quantity: 3 }];
  platform = await startPlatform({
    clock,
    apps: ['shop', 'blog', 'docs'].map((name) => ({ name, formation })),
  });
});
afterEach(async () => {
  await platform.close();
});

function formationOf(appName: string, account: HerokuAccount): Formation {
  return herokuFormation({ appName, token: platform.token, baseUrl: platform.url, clock, account });
}
const read = async (formation: Formation): Promise<unknown> =>
  (await formation.read(['worker'], NEVER)).get('worker');
const LIMITED = { code: 'HEROKU_RATE_LIMITED' };
const READ = { quantity: 3 };

test('429 to one app pauses all that share its token, and no others', async () => {
  const shared = new HerokuAccount(2);
  const [shop, blog] = [formationOf('shop', shared), formationOf('blog', shared)];
  const docs = formationOf('docs', new HerokuAccount());
  platform.intercept(({ path }) =>
    path.startsWith('/apps/shop/') ? { status: 429, headers: { 'Retry-After': '120' } } : 'pass',
  );
  expect(await read(shop)).toMatchObject(LIMITED);
  const asked = platform.requests.length;
  expect(await read(blog)).toMatchObject(LIMITED);
  await expect(blog.resize({ processType: 'worker', from: 3, to: 5 }, NEVER)).rejects.toMatchObject(LIMITED);
  expect(platform.requests.length).toBe(asked);
  expect(await read(docs)).toMatchObject(READ);
  clock.at += 119_999;
  expect(await read(blog)).toMatchObject(LIMITED);
  clock.at += 1;
  expect(await read(blog)).toMatchObject(READ);
});

test('an app that does not exist pauses no other of its token', async () => {
  const shared = new HerokuAccount(2);
  expect(await read(formationOf('none', shared))).toMatchObject({ code: 'HEROKU_APP_MISSING' });
  expect(await read(formationOf('blog', shared))).toMatchObject(READ);
});

test('apps share an account if they share token and API', () => {
  const loaded = loadAllSettings({
    TARGET_APPS: 'shop,blog,docs,test',
    REDIS_URL: 'redis://127.0.0.1',
    QUEUES: 'mail',
    HEROKU_API_KEY: 'HRKU-of-most-of-them',
    DOCS_HEROKU_API_KEY: 'HRKU-of-docs-alone',
    TEST_HEROKU_API_URL: 'http://127.0.0.1:1',
  });
  if (loaded.kind === 'wrong') throw new Error(JSON.stringify(loaded.problems));
  const [shop, blog, docs, other] = accountsOf(loaded.apps);
  expect(blog).toBe(shop);
  expect(new Set([shop, docs, other]).size).toBe(3);
  // The two of a token read half as often as each would alone.
  expect(shop?.readingMayAgeMs()).toBe(2 * (docs?.readingMayAgeMs() ?? 0));
});
