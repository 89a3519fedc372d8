import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { Failure } from '../../src/failure.ts';
import { decidedEntry, entry, T0 } from '../support/entries.ts';
import { Site, SiteApp, TOKEN } from '../support/site.ts';

let site: Site;
let blog: SiteApp;

beforeEach(async () => {
  blog = new SiteApp(T0, 'blog');
  site = await new Site(T0, blog).start();
  await site.record([entry(0, [decidedEntry({ quantity: 2 })])]);
  await blog.record([entry(0, [decidedEntry({ quantity: 7, from: 7, to: 7 })])]);
});
afterEach(async () => {
  await site.stop();
});

const lost = (): Failure => new Failure('REDIS_UNREACHABLE', 'Redis cannot be reached', 'Look at it.');
const json = async (path: string): Promise<unknown> => await (await site.get(path)).json();
const post = async (path: string, body: string): Promise<number> => {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return (await site.post(path, body, headers)).status;
};

test.each([
  { path: '/status', quantity: 2, shown: 'my-app' },
  { path: '/status?app=my-app', quantity: 2, shown: 'my-app' },
  { path: '/status?app=blog', quantity: 7, shown: 'blog' },
])('$path is that of $shown, with the names of all', async ({ path, quantity, shown }) => {
  expect(await json(path)).toMatchObject({
    health: { ok: true },
    status: { appName: shown, types: [{ latest: { quantity } }] },
    apps: { shown, all: ['my-app', 'blog'] },
  });
});

test('/history is that of the app', async () => {
  const quantityOf = (quantity: number) => ({ types: [{ lines: { quantity: [quantity] } }] });
  expect(await json('/history')).toMatchObject(quantityOf(2));
  expect(await json('/history?app=blog')).toMatchObject(quantityOf(7));
});

describe('/events', () => {
  const firstOf = async (path: string): Promise<string> => {
    let text = '';
    for await (const chunk of (await site.get(path)).body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('data: ')) break;
    }
    return text;
  };

  test('is that of the app', async () => {
    expect(await firstOf('/events?app=blog')).toContain('"appName":"blog"');
    expect(await firstOf('/events')).toContain('"appName":"my-app"');
  });

  test('names the app whose state cannot be read', async () => {
    blog.lost = lost();
    expect(await firstOf('/events?app=blog')).toContain(
      'event: lost\ndata: {"apps":{"shown":"blog","all":["my-app","blog"]}}',
    );
  });
});

test.each(['/status', '/history', '/events', '/metrics', '/'])(
  '%s of an unknown app is 404',
  async (path) => {
    for (const query of ['?app=shop', '?app=', '?app=my-app&app=blog']) {
      const response = await site.get(path + query);
      expect([response.status, await response.json()]).toEqual([
        404,
        { error: 'no such app: this clock scales my-app, blog' },
      ]);
    }
  },
);

test('the names of the apps need the token', async () => {
  const response = await site.get('/status?app=shop', {});
  expect([response.status, await response.text()]).toEqual([401, expect.not.stringContaining('blog')]);
});

test('pause and resume change the app that is named, or the first', async () => {
  expect(await post('/pause?app=shop', '{}')).toBe(404);
  expect([site.pause, blog.pause]).toEqual([undefined, undefined]);
  expect(await post('/pause?app=blog', '{}')).toBe(200);
  expect([site.pause, blog.pause]).toEqual([undefined, { by: 'the dashboard' }]);
  expect(await post('/pause', '{"forMs":60000}')).toBe(200);
  expect(site.pause).toEqual({ by: 'the dashboard', until: site.at + 60_000 });
  expect(await post('/resume?app=blog', '{}')).toBe(200);
  expect([site.pause === undefined, blog.pause]).toEqual([false, undefined]);
});

test('/healthz is 503 if any app is unhealthy, and names none', async () => {
  expect((await site.get('/healthz', {})).status).toBe(200);
  blog.lost = lost();
  // One reading answers for a second.
  site.at += 1001;
  const response = await site.get('/healthz', {});
  expect([response.status, await response.json()]).toEqual([503, { error: "cannot read the clock's state" }]);
  site.at += 3_600_000;
  expect(await json('/healthz')).toEqual({ error: expect.stringMatching(/, and 1 more$/) });
});

test('/metrics has each app, and an app that cannot be read is down', async () => {
  expect(await (await site.get('/metrics')).text()).toContain(
    'drover_dynos{process_type="worker",app="blog"} 7',
  );
  blog.lost = lost();
  const text = await (await site.get('/metrics')).text();
  expect(text.match(/^drover_(up|dynos)\{.*$/gm)).toEqual([
    'drover_up{app="my-app"} 1',
    'drover_up{app="blog"} 0',
    'drover_dynos{process_type="worker",app="my-app"} 2',
  ]);
});

test('/status of an app that cannot be read is 503, and the others answer', async () => {
  blog.lost = lost();
  const failed = await site.get('/status?app=blog');
  expect([failed.status, await failed.json()]).toEqual([
    503,
    expect.objectContaining({ code: 'REDIS_UNREACHABLE' }),
  ]);
  expect(site.failures).toEqual(['REDIS_UNREACHABLE']);
  expect((await site.get('/status')).status).toBe(200);
});
