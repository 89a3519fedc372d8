import { request } from 'node:http';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { T0 } from '../support/entries.ts';
import { Site, TOKEN } from '../support/site.ts';

let site: Site;

beforeEach(async () => {
  site = await new Site(T0).start();
});
afterEach(async () => {
  await site.stop();
});

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const PLAIN = ['http', 'HTTP', 'https,http', 'http,https', ' http ', 'https, http', 'ws', ''];
const own = (): Record<string, string> => ({ origin: site.url, 'sec-fetch-site': 'same-origin' });

type Answer = { readonly status: number; readonly headers: NodeJS.Dict<string | string[]> };

/** Sends headers and paths that `fetch` would normalize. */
async function send(method: string, path: string, headers: Record<string, string>): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(site.url);
    const asked = request({ hostname, port, method, path, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    asked.on('error', reject).end();
  });
}

async function signIn(headers: Record<string, string> = {}): Promise<Response> {
  return await site.post('/login', `token=${TOKEN}`, { ...FORM, ...own(), ...headers });
}

describe('behind a proxy that ends TLS', () => {
  test.each(PLAIN.flatMap((proto) => ['GET', 'HEAD'].map((method) => ({ proto, method }))))(
    '$method with X-Forwarded-Proto "$proto" is redirected to https, with or without a token',
    async ({ proto, method }) => {
      for (const path of ['/', '/status?x=1', '/healthz', '/login', '/assets/app.js', '//evil.example/']) {
        const { status, headers } = await send(method, path, {
          host: 'drover.example',
          'x-forwarded-proto': proto,
          authorization: `Bearer ${TOKEN}`,
        });
        expect([status, headers['location']]).toEqual([307, `https://drover.example${path}`]);
        expect(headers['strict-transport-security']).toBeUndefined();
      }
    },
  );

  test.each(PLAIN)('POST with X-Forwarded-Proto "%s" is refused, sign-in included', async (proto) => {
    const answer = await signIn({ 'x-forwarded-proto': proto });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
    for (const path of ['/pause', '/logout']) {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...own() };
      expect((await site.post(path, '{}', { ...headers, 'x-forwarded-proto': proto })).status).toBe(403);
    }
    expect(site.pause).toBeUndefined();
  });

  test.each(['a/b', 'user@evil.example'])('a request with Host "%s" is not redirected', async (host) => {
    expect((await send('GET', '/', { host, 'x-forwarded-proto': 'http' })).status).toBeGreaterThanOrEqual(
      400,
    );
  });

  test.each(['https', 'HTTPS', 'https,https', ' https '])(
    'with X-Forwarded-Proto "%s" the response has HSTS and a cookie for this host over TLS only',
    async (proto) => {
      const answer = await signIn({ 'x-forwarded-proto': proto });
      const [set = ''] = answer.headers.getSetCookie();
      expect(answer.headers.get('location')).toBe('/');
      expect(set).toMatch(
        /^__Host-drover_session=\d+\.[\w-]+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      );
      expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000');
      const cookie = set.split(';')[0] ?? '';
      expect((await site.get('/status', { cookie, 'x-forwarded-proto': proto })).status).toBe(200);
    },
  );

  test('a cookie that plain http or a sibling domain may have set is no session under TLS', async () => {
    const [set = ''] = (await signIn()).headers.getSetCookie();
    const cookie = set.split(';')[0] ?? '';
    expect((await site.get('/status', { cookie })).status).toBe(200);
    expect((await site.get('/status', { cookie, 'x-forwarded-proto': 'https' })).status).toBe(401);
  });
});

test('without a proxy, plain http works and sends no HSTS', async () => {
  const answer = await signIn();
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
  expect(answer.headers.getSetCookie()[0]).toMatch(/^drover_session=/);
  expect(answer.headers.get('strict-transport-security')).toBeNull();
  expect((await site.get('/healthz', {})).status).toBe(503);
});

describe('without a token', () => {
  beforeEach(async () => {
    await site.stop();
    site = await new Site(T0).start({ token: undefined });
  });

  test.each([
    { forwarded: 'for=192.0.2.1' },
    { 'x-forwarded-for': '192.0.2.1' },
    { 'x-forwarded-host': 'drover.example' },
    { 'x-forwarded-proto': 'https' },
    { 'x-forwarded-port': '443' },
    { 'x-real-ip': '192.0.2.1' },
    { via: '1.1 proxy' },
    { 'cf-connecting-ip': '192.0.2.1' },
    { 'true-client-ip': '192.0.2.1' },
  ])('a request that a proxy forwarded is refused: %o', async (headers) => {
    for (const path of ['/', '/status', '/metrics']) {
      const answer = await site.get(path, headers);
      expect(answer.status).toBe(401);
      expect(await answer.text()).toContain('DASHBOARD_TOKEN');
    }
  });

  test('a direct request from this machine is answered', async () => {
    expect((await site.get('/', {})).status).toBe(200);
    expect((await site.get('/status', {})).status).toBe(200);
  });
});
