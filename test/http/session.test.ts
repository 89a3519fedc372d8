import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { entry, T0 } from '../support/entries.ts';
import { Site, TOKEN } from '../support/site.ts';

let site: Site;

beforeEach(async () => {
  site = await new Site(T0).start();
});
afterEach(async () => {
  await site.stop();
});

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const own = (): Record<string, string> => ({ origin: site.url, 'sec-fetch-site': 'same-origin' });

async function begin(): Promise<string> {
  const answer = await site.post('/login', `token=${TOKEN}`, { ...FORM, ...own() });
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function end(cookie: string): Promise<void> {
  const answer = await site.post('/logout', '', { ...FORM, ...own(), cookie });
  expect(answer.headers.get('location')).toBe('/login');
}

const status = async (cookie: string): Promise<number> => (await site.get('/status', { cookie })).status;

describe('signing out', () => {
  test('ends the session on the server, for every copy of its cookie', async () => {
    const cookie = await begin();
    expect(await status(cookie)).toBe(200);
    await end(cookie);
    expect(await status(cookie)).toBe(401);
    expect(await status(`${cookie}.`)).toBe(401);
    site.at += 1000;
    expect(await status(await begin())).toBe(200);
  });

  test('leaves other sessions alone, though they began in the same millisecond', async () => {
    const [mine, other] = [await begin(), await begin()];
    expect(mine).not.toBe(other);
    await end(mine);
    expect([await status(mine), await status(other)]).toEqual([401, 200]);
  });

  test('of no session, or of a forged one, ends nothing and keeps nothing', async () => {
    const cookie = await begin();
    await end('');
    await end(cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')));
    expect(await status(cookie)).toBe(200);
  });

  test('stays so however many sign out after it', async () => {
    const first = await begin();
    await end(first);
    site.at += 1000;
    for (let i = 0; i < 1100; i += 1) await end(await begin());
    site.at += 1000;
    expect(await status(first)).toBe(401);
    expect(await status(await begin())).toBe(200);
  });

  test('ends the stream that the session listens to', async () => {
    await site.record([entry(0)]);
    const cookie = await begin();
    const answer = await site.get('/events', { cookie });
    expect(answer.status).toBe(200);
    const text = answer.text();
    await end(cookie);
    expect(await text).toContain('retry: 3000');
  });

  test('so does the end of its week', async () => {
    const answer = await site.get('/events', { cookie: await begin() });
    site.at += 7 * 86_400_000;
    expect(await answer.text()).toContain('retry: 3000');
  });
});

describe('a change needs our own page or an accepted token', () => {
  test.each(['Bearer wrong', 'Basic eDp5', 'x', `Basic ${TOKEN}`])(
    'a session with "Authorization: %s" from elsewhere is neither',
    async (authorization) => {
      const headers = { 'content-type': 'application/json', origin: 'https://evil.example', authorization };
      const answer = await site.post('/pause', '{}', { ...headers, cookie: await begin() });
      expect([401, 403]).toContain(answer.status);
      expect(site.pause).toBeUndefined();
    },
  );

  test.each([`Bearer ${TOKEN}`, 'Bearer wrong', 'x'])(
    'nor may a page from elsewhere sign anyone in or out with "Authorization: %s"',
    async (authorization) => {
      const cookie = await begin();
      const headers = { ...FORM, origin: 'https://evil.example', authorization, cookie };
      expect((await site.post('/login', `token=${TOKEN}`, headers)).status).toBe(403);
      expect((await site.post('/logout', '', headers)).status).toBe(403);
      expect(await status(cookie)).toBe(200);
    },
  );

  test('without a token a header is no proof either', async () => {
    await site.stop();
    site = await new Site(T0).start({ token: undefined });
    const headers = { 'content-type': 'application/json', authorization: 'Bearer x' };
    expect((await site.post('/pause', '{}', headers)).status).toBe(403);
    expect((await site.post('/pause', '{}', { ...headers, origin: 'http://evil.example' })).status).toBe(403);
    expect((await site.post('/pause', '{}', { ...headers, ...own() })).status).toBe(200);
  });
});
