import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Fault } from '../../src/standin/fault.ts';
import { startPlatform, type Platform } from '../../src/standin/platform.ts';
import { call } from './call.ts';

const WORKER = '/apps/shop/formation/worker';

let platform: Platform;
let now: number;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  platform = await startPlatform({
    clock: { now: () => now },
    apps: [{ name: 'shop', formation: [{ type: 'worker', quantity: 3 }] }],
  });
});
afterEach(() => platform.close());

describe('authorization', () => {
  test.each([
    { name: 'Bearer', authorization: (token: string) => `Bearer ${token}`, status: 200 },
    { name: 'Basic', authorization: (token: string) => `Basic ${btoa(`:${token}`)}`, status: 200 },
    { name: 'another token', authorization: () => 'Bearer HRKU-unknown', status: 401 },
  ])('by $name is answered $status', async ({ authorization, status }) => {
    const headers = { Authorization: authorization(platform.token) };
    expect((await call({ ...platform, headers }, 'GET', WORKER)).status).toBe(status);
  });

  test('without credentials is answered 401', async () => {
    const response = await fetch(`${platform.url}${WORKER}`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ id: 'unauthorized' });
  });

  test.each([
    { scope: 'read', method: 'GET', path: WORKER, status: 200 },
    { scope: 'read', method: 'PATCH', path: WORKER, status: 403 },
    { scope: 'write', method: 'PATCH', path: WORKER, status: 200 },
    { scope: 'write', method: 'GET', path: '/apps/shop/releases', status: 403 },
    { scope: 'read-protected', method: 'GET', path: '/apps/shop/releases', status: 200 },
    { scope: 'identity', method: 'GET', path: WORKER, status: 403 },
    { scope: 'write', method: 'GET', path: '/apps/shop/config-vars', status: 403 },
    { scope: 'read-protected', method: 'GET', path: '/apps/shop/config-vars', status: 200 },
  ])('$method $path with scope $scope is answered $status', async ({ scope, method, path, status }) => {
    const scoped = await startPlatform({
      scopes: [scope],
      apps: [{ name: 'shop', formation: [{ type: 'worker', quantity: 3 }] }],
    });
    const called = await call(scoped, method, path, method === 'PATCH' ? { quantity: 3 } : undefined);
    await scoped.close();
    expect(called.status).toBe(status);
    expect(called.headers.get('oauth-scope')).toBe(scope);
    expect(called.headers.get('oauth-scope-accepted')).toContain('global');
    const refusal = {
      id: 'forbidden',
      message: expect.stringContaining('scope of this OAuth authorization'),
    };
    expect(status === 403 ? called.body : refusal).toEqual(refusal);
  });

  test.each([
    { accept: 'application/vnd.heroku+json; version=3', status: 200 },
    { accept: 'application/vnd.heroku+json; version=3.sdk', status: 200 },
    { accept: 'application/vnd.heroku+json; version=2', status: 406 },
    { accept: 'application/json', status: 406 },
  ])('Accept: $accept is answered $status', async ({ accept, status }) => {
    expect((await call({ ...platform, headers: { Accept: accept } }, 'GET', WORKER)).status).toBe(status);
  });
});

describe('headers', () => {
  test('the same body has the same ETag, and a request for that is answered 304 without a body', async () => {
    const first = await call(platform, 'GET', WORKER);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    const again = await call({ ...platform, headers: { 'If-None-Match': etag } }, 'GET', WORKER);
    expect(again).toMatchObject({ status: 304, body: '' });
    platform.setQuantity('shop', 'worker', 4);
    expect((await call({ ...platform, headers: { 'If-None-Match': etag } }, 'GET', WORKER)).status).toBe(200);
  });

  test("the client's request ids follow the server's", async () => {
    const called = await call({ ...platform, headers: { 'Request-Id': 'mine,older' } }, 'GET', WORKER);
    expect(called.headers.get('request-id')).toMatch(/^[0-9a-f-]{36},mine,older$/);
  });

  test('a PATCH has neither ETag nor Last-Modified', async () => {
    const called = await call(platform, 'PATCH', WORKER, { quantity: 4 });
    expect([called.headers.get('etag'), called.headers.get('last-modified')]).toEqual([null, null]);
  });
});

describe('the rate limit', () => {
  test('loses one for each request, regains 75 a minute, and answers 429 when it is used up', async () => {
    expect((await call(platform, 'GET', WORKER)).headers.get('ratelimit-remaining')).toBe('4499');
    platform.rateLimitRemaining = 1;
    expect((await call(platform, 'GET', WORKER)).status).toBe(200);
    const refused = await call(platform, 'GET', WORKER);
    expect(refused).toMatchObject({ status: 429, body: { id: 'rate_limit' } });
    now += 59_999;
    expect((await call(platform, 'GET', WORKER)).status).toBe(429);
    now += 1;
    expect((await call(platform, 'GET', WORKER)).headers.get('ratelimit-remaining')).toBe('74');
  });

  test('is not reduced by a request for it', async () => {
    await call(platform, 'GET', '/account/rate-limits');
    const called = await call(platform, 'GET', '/account/rate-limits');
    expect(called.body).toEqual({ remaining: 4500 });
  });

  test('of a larger account is that many times as large, and says so', async () => {
    const large = await startPlatform({
      apps: [{ name: 'shop', formation: [{ type: 'worker', quantity: 1 }] }],
      clock: { now: () => now },
      rateLimitMultiplier: 3,
    });
    const { headers } = await call(large, 'GET', WORKER);
    large.rateLimitRemaining = 0;
    now += 60_000;
    const refilled = large.rateLimitRemaining;
    await large.close();
    expect([headers.get('ratelimit-multiplier'), headers.get('ratelimit-remaining')]).toEqual(['3', '13499']);
    expect(refilled).toBe(225);
  });
});

describe('faults', () => {
  const answered: { name: string; fault: Fault; seen: object; quantity: number }[] = [
    { name: 'none', fault: 'pass', seen: { status: 200 }, quantity: 5 },
    {
      name: 'another answer',
      fault: { status: 503, body: { id: 'unavailable' } },
      seen: { status: 503, body: { id: 'unavailable' } },
      quantity: 3,
    },
    { name: 'an empty answer', fault: { status: 503 }, seen: { status: 503, body: '' }, quantity: 3 },
    { name: 'a late answer', fault: { delayMs: 20 }, seen: { status: 200 }, quantity: 5 },
    { name: 'a byte at a time', fault: { dripMs: 0 }, seen: { status: 200 }, quantity: 5 },
  ];
  test.each(answered)('$name', async ({ fault, seen, quantity }) => {
    platform.intercept(() => fault);
    expect(await call(platform, 'PATCH', WORKER, { quantity: 5 })).toMatchObject(seen);
    expect(platform.quantity('shop', 'worker')).toBe(quantity);
  });

  const lost: { name: string; fault: Fault; quantity: number }[] = [
    { name: 'a reset', fault: { reset: true }, quantity: 3 },
    { name: 'a reset after the request is carried out', fault: { applyThenReset: true }, quantity: 5 },
    { name: 'no answer', fault: { hang: true }, quantity: 3 },
    { name: 'no answer after the request is carried out', fault: { applyThenHang: true }, quantity: 5 },
    { name: 'an answer that is cut', fault: { cutAfterBytes: 5 }, quantity: 5 },
  ];
  test.each(lost)('$name', async ({ fault, quantity }) => {
    platform.intercept(() => fault);
    const outcome = call(platform, 'PATCH', WORKER, { quantity: 5 }).catch(() => 'failed');
    // Closing ends a request that hangs, so the request has to arrive first.
    await expect.poll(() => platform.requests.length).toBe(1);
    await platform.close();
    expect(await outcome).toBe('failed');
    expect(platform.quantity('shop', 'worker')).toBe(quantity);
  });

  test('are chosen by the request, which is recorded with its status', async () => {
    platform.intercept(({ method, body }) =>
      method === 'PATCH' && (body as { quantity: number }).quantity === 5 ? { status: 500 } : 'pass',
    );
    await call(platform, 'PATCH', WORKER, { quantity: 5 });
    await call(platform, 'PATCH', WORKER, { quantity: 6 });
    expect(platform.requests.map(({ method, path, status }) => [method, path, status])).toEqual([
      ['PATCH', WORKER, 500],
      ['PATCH', WORKER, 200],
    ]);
  });
});
