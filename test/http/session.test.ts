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

async function signIn(): Promise<string> {
  const answer = await site.post('/login', `token=${TOKEN}`, { ...FORM, ...own() });
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function signOut(cookie: string): Promise<void> {
  const answer = await site.post('/logout', '', { ...FORM, ...own(), cookie });
  expect(answer.headers.get('location')).toBe('/login');
}

const status = async (cookie: string): Promise<number> => (await site.get('/status', { cookie })).status;

describe('signing out', () => {
  test('ends the session on the server, for every copy of its cookie', async () => {
    const cookie = await signIn();
    expect(await status(cookie)).toBe(200);
    await signOut(cookie);
    expect(await status(cookie)).toBe(401);
    expect(await status(`${cookie}.`)).toBe(401);
    site.at += 1000;
    expect(await status(await signIn())).toBe(200);
  });

  test('keeps other sessions, even those that started in the same millisecond', async () => {
    const [mine, other] = [await signIn(), await signIn()];
    expect(mine).not.toBe(other);
    await signOut(mine);
    expect([await status(mine), await status(other)]).toEqual([401, 200]);
  });

  test('without a session, or with a forged one, ends no session', async () => {
    const cookie = await signIn();
    await signOut('');
    await signOut(cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')));
    expect(await status(cookie)).toBe(200);
  });

  test('is not undone by any number of later sign-outs', async () => {
    const first = await signIn();
    await signOut(first);
    site.at += 1000;
    for (let i = 0; i < 1100; i += 1) await signOut(await signIn());
    site.at += 1000;
    expect(await status(first)).toBe(401);
    expect(await status(await signIn())).toBe(200);
  });

  test('ends the event streams of the session', async () => {
    await site.record([entry(0)]);
    const cookie = await signIn();
    const answer = await site.get('/events', { cookie });
    expect(answer.status).toBe(200);
    const text = answer.text();
    await signOut(cookie);
    expect(await text).toContain('retry: 3000');
  });

  test('a session that expires ends its event streams', async () => {
    const answer = await site.get('/events', { cookie: await signIn() });
    site.at += 7 * 86_400_000;
    expect(await answer.text()).toContain('retry: 3000');
  });
});

describe('a change needs a same-origin request or the right token', () => {
  test.each(['Bearer wrong', 'Basic eDp5', 'x', `Basic ${TOKEN}`])(
    'a cross-origin request with a session and "Authorization: %s" is refused',
    async (authorization) => {
      const headers = { 'content-type': 'application/json', origin: 'https://evil.example', authorization };
      const answer = await site.post('/pause', '{}', { ...headers, cookie: await signIn() });
      expect([401, 403]).toContain(answer.status);
      expect(site.pause).toBeUndefined();
    },
  );

  test.each([`Bearer ${TOKEN}`, 'Bearer wrong', 'x'])(
    'a cross-origin form with "Authorization: %s" can neither sign in nor sign out',
    async (authorization) => {
      const cookie = await signIn();
      const headers = { ...FORM, origin: 'https://evil.example', authorization, cookie };
      expect((await site.post('/login', `token=${TOKEN}`, headers)).status).toBe(403);
      expect((await site.post('/logout', '', headers)).status).toBe(403);
      expect(await status(cookie)).toBe(200);
    },
  );

  test('where no token is set, a bearer token proves nothing', async () => {
    await site.stop();
    site = await new Site(T0).start({ token: undefined });
    const headers = { 'content-type': 'application/json', authorization: 'Bearer x' };
    expect((await site.post('/pause', '{}', headers)).status).toBe(403);
    expect((await site.post('/pause', '{}', { ...headers, origin: 'http://evil.example' })).status).toBe(403);
    expect((await site.post('/pause', '{}', { ...headers, ...own() })).status).toBe(200);
  });
});
