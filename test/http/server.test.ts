import { request } from 'node:http';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { blindEntry, entry, T0 } from '../support/entries.ts';
import { journalDay } from '../support/journal-day.ts';
import { broken } from '../support/ports.ts';
import { Site, TOKEN } from '../support/site.ts';

let site: Site;

beforeEach(async () => {
  site = await new Site(T0).start();
});
afterEach(async () => {
  await site.stop();
});

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_BODY = { 'content-type': 'application/json' };
const own = (): Record<string, string> => ({ origin: site.url, 'sec-fetch-site': 'same-origin' });

async function signIn(): Promise<Response> {
  return await site.post('/login', `token=${encodeURIComponent(TOKEN)}`, { ...FORM, ...own() });
}

async function cookie(): Promise<string> {
  const [first = ''] = (await signIn()).headers.getSetCookie();
  return first.split(';')[0] ?? '';
}

/** With a Host header of choice, which no browser allows a page to set. */
async function statusWithHost(host: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    const asked = request(`${site.url}/status`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}

describe('access', () => {
  const CLOSED = ['/status', '/metrics', '/history', '/events'];

  test.each(CLOSED)('%s requires the token', async (path) => {
    for (const { says, ...headers } of [
      { says: 'token required' },
      { authorization: 'Bearer wrong', says: 'wrong token' },
      { cookie: 'drover_session=9999999999999.x', says: 'token required' },
    ]) {
      const answer = await site.get(path, headers);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({ error: expect.stringContaining(says) as unknown });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  test('the dashboard without a session redirects to the sign-in form', async () => {
    const answer = await site.get('/', {});
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/login']);
  });

  test('the form sets a cookie that no script can read and that does not contain the token', async () => {
    const answer = await signIn();
    const [set = ''] = answer.headers.getSetCookie();
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    expect(set).toMatch(/^drover_session=\d+\.[\w-]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(set).not.toContain(TOKEN);
    expect((await site.get('/', { cookie: await cookie() })).status).toBe(200);
  });

  test('a session expires after a week, and a cookie that was tampered with is refused', async () => {
    const good = await cookie();
    const later = good.replace(/=(\d)/, (_, digit: string) => `=${Number(digit) + 1}`);
    expect((await site.get('/status', { cookie: later })).status).toBe(401);
    expect((await site.get('/status', { cookie: good })).status).toBe(200);
    site.at += 7 * 86_400_000 + 1;
    expect((await site.get('/status', { cookie: good })).status).toBe(401);
  });

  test('signing out removes the cookie', async () => {
    const answer = await site.post('/logout', '', { ...FORM, ...own(), cookie: await cookie() });
    expect(answer.headers.getSetCookie()[0]).toContain('drover_session=; Max-Age=0');
  });

  test('without a token only requests to names of this machine are allowed', async () => {
    await site.stop();
    site = await new Site(T0).start({ token: undefined });
    expect((await site.get('/status', {})).status).toBe(200);
    expect(await statusWithHost('evil.example')).toBe(401);
    expect(await statusWithHost('localhost:3000')).toBe(200);
    expect((await site.get('/login', {})).headers.get('location')).toBe('/');
  });
});

describe('pause and resume', () => {
  test('a program with the token pauses and resumes', async () => {
    const bearer = { authorization: `Bearer ${TOKEN}`, ...JSON_BODY };
    const answer = await site.post('/pause', '{"forMs":1800000}', bearer);
    expect(await answer.json()).toEqual({ pause: { by: 'the dashboard', until: T0 + 1_800_000 } });
    expect(site.pause).toEqual({ by: 'the dashboard', until: T0 + 1_800_000 });
    await site.post('/resume', '{}', bearer);
    expect(site.pause).toBeUndefined();
  });

  test('the page pauses without an end', async () => {
    const answer = await site.post('/pause', '{}', { ...JSON_BODY, ...own(), cookie: await cookie() });
    expect(answer.status).toBe(200);
    expect(site.pause).toEqual({ by: 'the dashboard' });
  });

  test.each<{ name: string; headers: Record<string, string>; body?: string; status: number }>([
    { name: 'a request without a session', headers: { ...JSON_BODY }, status: 401 },
    {
      name: 'a cross-origin page',
      headers: { ...JSON_BODY, cookie: 'own', origin: 'https://evil.example' },
      status: 403,
    },
    { name: 'a sandboxed page', headers: { ...JSON_BODY, cookie: 'own', origin: 'null' }, status: 403 },
    {
      name: 'an app on a sibling domain',
      headers: { ...JSON_BODY, cookie: 'own', origin: 'own', 'sec-fetch-site': 'same-site' },
      status: 403,
    },
    { name: 'a request without Origin', headers: { ...JSON_BODY, cookie: 'own' }, status: 403 },
    { name: 'a form submission', headers: { ...FORM, cookie: 'own', origin: 'own' }, status: 415 },
    {
      name: 'a pause of zero length',
      headers: { ...JSON_BODY, cookie: 'own', origin: 'own' },
      body: '{"forMs":0}',
      status: 400,
    },
    {
      name: 'a body that is not JSON',
      headers: { ...JSON_BODY, cookie: 'own', origin: 'own' },
      body: '{',
      status: 400,
    },
    {
      name: 'a body that is too large',
      headers: { ...JSON_BODY, cookie: 'own', origin: 'own' },
      body: `"${'x'.repeat(20_000)}"`,
      status: 413,
    },
  ])('refuses $name', async ({ headers, body = '{}', status }) => {
    const sent = { ...headers };
    if (sent['cookie'] === 'own') sent['cookie'] = await cookie();
    if (sent['origin'] === 'own') sent['origin'] = site.url;
    expect((await site.post('/pause', body, sent)).status).toBe(status);
    expect(site.pause).toBeUndefined();
  });
});

test.each([
  { path: '/login', headers: FORM, error: 'same-origin form submission required' },
  { path: '/logout', headers: FORM, error: 'same-origin form submission required' },
  { path: '/pause', headers: JSON_BODY, error: 'same-origin request or bearer token required' },
])('a cross-origin POST $path names what is required', async ({ path, headers, error }) => {
  const foreign = { ...headers, origin: 'https://evil.example', cookie: await cookie() };
  const answer = await site.post(path, '{}', foreign);
  expect([answer.status, await answer.json()]).toEqual([403, { error }]);
});

describe('responses', () => {
  test('every response carries the security headers', async () => {
    for (const path of ['/', '/login', '/assets/app.js', '/status', '/nothing-here', '/healthz']) {
      const { headers } = await site.get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('the page and all of its files are small, and are not sent twice', async () => {
    const html = await (await site.get('/')).text();
    const paths = [
      '/',
      ...[...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path),
    ];
    expect(new Set(paths).size).toBeGreaterThanOrEqual(8);
    let bytes = 0;
    for (const path of new Set(paths)) {
      const answer = await site.get(path, { authorization: `Bearer ${TOKEN}`, 'accept-encoding': 'gzip' });
      expect(answer.status).toBe(200);
      bytes += Number(answer.headers.get('content-length'));
      const again = { authorization: `Bearer ${TOKEN}`, 'if-none-match': answer.headers.get('etag') ?? '' };
      expect((await site.get(path, again)).status).toBe(304);
    }
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(150_000);
  });

  test.each(['/assets/../server.ts', '/assets/%2e%2e/server.ts', '/assets/', '/etc/passwd'])(
    '%s answers 404',
    async (path) => {
      const answer = await site.get(path);
      expect([answer.status, await answer.json()]).toEqual([404, { error: 'no such path' }]);
    },
  );

  test('/status has the whole state, /history the past of each process type', async () => {
    await site.record(journalDay({ from: T0, ticks: 400 }));
    const status = (await (await site.get('/status')).json()) as {
      health: unknown;
      status: { types: unknown[] };
    };
    expect(status.health).toEqual({ ok: true, words: 'ok' });
    expect(status.status.types).toHaveLength(3);
    for (const [range, points] of [
      ['hour', 360],
      ['day', 14],
      ['week', 3],
    ] as const) {
      const series = (await (await site.get(`/history?range=${range}`)).json()) as {
        times: number[];
        types: { lines: Record<string, unknown[]> }[];
      };
      expect(series.times).toHaveLength(points);
      expect(series.types.map(({ lines }) => lines['quantity']?.length)).toEqual([points, points, points]);
    }
    expect((await site.get('/history?range=toString')).status).toBe(400);
  });

  test('with Redis unreachable, /status answers 503 with the failure alone', async () => {
    site.lost = broken;
    const answer = await site.get('/status');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      error: 'Redis cannot be reached',
      code: 'REDIS_UNREACHABLE',
      remedy: 'Look at it.',
    });
    expect((await site.get('/healthz', {})).status).toBe(503);
    expect(site.failures).toEqual(['REDIS_UNREACHABLE']);
  });

  test.each([
    { name: 'no tick yet', entries: [], laterMs: 0, status: 503 },
    { name: 'a tick just now', entries: [entry(0)], laterMs: 0, status: 200 },
    { name: 'no tick for three intervals', entries: [entry(0)], laterMs: 30_000, status: 503 },
    {
      name: 'three ticks without a decision',
      entries: [0, 10, 20].map((at) => entry(at, [blindEntry()])),
      laterMs: 0,
      status: 503,
    },
  ])('/healthz without a token, $name: $status', async ({ entries, laterMs, status }) => {
    await site.record(entries);
    site.at += laterMs;
    const answer = await site.get('/healthz', {});
    expect(answer.status).toBe(status);
    // Nothing that needs the token.
    expect(await answer.text()).not.toContain('worker');
  });

  test('/healthz reads Redis at most once a second, however many requests come', async () => {
    await site.record([entry(0)]);
    const many = async (): Promise<number[]> =>
      await Promise.all(Array.from({ length: 50 }, async () => (await site.get('/healthz', {})).status));
    expect(new Set(await many())).toEqual(new Set([200]));
    expect(new Set(await many())).toEqual(new Set([200]));
    expect(site.loads).toBe(1);
    site.lost = broken;
    site.at += 999;
    expect((await site.get('/healthz', {})).status).toBe(200);
    site.at += 1;
    expect((await site.get('/healthz', {})).status).toBe(503);
    site.at -= 60_000;
    site.lost = undefined;
    expect((await site.get('/healthz', {})).status).toBe(200);
    expect(site.loads).toBe(3);
  });

  test.each(['/', '/login', '/status', '/metrics', '/history', '/events', '/healthz', '/assets/app.js'])(
    'HEAD %s answers without a body',
    async (path) => {
      await site.record([entry(0)]);
      const answer = await fetch(site.url + path, {
        method: 'HEAD',
        headers: { authorization: `Bearer ${TOKEN}` },
        signal: AbortSignal.timeout(5000),
      });
      expect([answer.status, await answer.text()]).toEqual([200, '']);
    },
  );

  test('HEAD /events has the headers of GET, and requires the token', async () => {
    const head = async (headers: Record<string, string>): Promise<[number, string | null]> => {
      const answer = await fetch(`${site.url}/events`, { method: 'HEAD', headers });
      return [answer.status, answer.headers.get('content-type')];
    };
    expect(await head({ authorization: `Bearer ${TOKEN}` })).toEqual([200, 'text/event-stream']);
    expect((await head({}))[0]).toBe(401);
  });

  test('/events refuses the 51st client', async () => {
    await site.record([entry(0)]);
    const streams = await Promise.all(Array.from({ length: 50 }, async () => await site.get('/events')));
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await site.get('/events');
    expect([refused.status, await refused.json()]).toEqual([503, { error: 'too many event-stream clients' }]);
    await Promise.all(streams.map(async ({ body }) => await body?.cancel()));
  });

  test('/events sends the state, and again when it changes', async () => {
    await site.record([entry(0)]);
    const answer = await site.get('/events');
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.headers.get('content-security-policy')).toContain('none');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (part: string): Promise<void> => {
      while (!text.includes(part)) text += (await reader?.read())?.value ?? '';
    };
    await until(`"at":${T0}`);
    await site.record([entry(10)]);
    await until(`"at":${T0 + 10_000}`);
    site.lost = broken;
    await until('event: lost');
    await reader?.cancel();
  });
});
