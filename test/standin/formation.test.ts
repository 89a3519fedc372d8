import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { startPlatform, type Platform } from '../../src/standin/platform.ts';
import { call } from './call.ts';

let platform: Platform;
let now: number;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  platform = await startPlatform({
    clock: { now: () => now },
    apps: [
      {
        name: 'shop',
        formation: [
          { type: 'web', quantity: 1 },
          { type: 'worker', quantity: 3 },
        ],
      },
      { name: 'leaf', generation: 'fir', formation: [{ type: 'worker', quantity: 2 }] },
      { name: 'tiny', formation: [{ type: 'worker', quantity: 0, size: 'eco' }] },
      { name: 'big', formation: [{ type: 'worker', quantity: 8, size: 'performance-l' }] },
      { name: 'fresh', deployed: false, formation: [] },
    ],
  });
});
afterEach(() => platform.close());

describe('PATCH of one process type', () => {
  const rows: {
    name: string;
    path: string;
    body: unknown;
    status: number;
    reply: Record<string, unknown>;
  }[] = [
    {
      name: 'sets an absolute quantity',
      path: '/apps/shop/formation/worker',
      body: { quantity: 7 },
      status: 200,
      reply: { type: 'worker', quantity: 7, size: 'Standard-1X' },
    },
    {
      name: 'takes a size in any case, and answers it as Cedar spells it',
      path: '/apps/shop/formation/worker',
      body: { dyno_size: { name: 'standard-2x' } },
      status: 200,
      reply: { quantity: 3, size: 'Standard-2X', dyno_size: { id: expect.any(String), name: 'Standard-2X' } },
    },
    {
      name: 'answers sizes in lower case on Fir',
      path: '/apps/leaf/formation/worker',
      body: { quantity: 1, dyno_size: { name: 'DYNO-2C-1GB' } },
      status: 200,
      reply: { quantity: 1, size: 'dyno-2c-1gb' },
    },
    {
      name: 'answers 404 for an unknown process type',
      path: '/apps/shop/formation/mailer',
      body: { quantity: 1 },
      status: 404,
      reply: { id: 'not_found', resource: 'formation' },
    },
    {
      name: 'answers 404 for an unknown app',
      path: '/apps/shopp/formation/worker',
      body: { quantity: 1 },
      status: 404,
      reply: { id: 'not_found', resource: 'app', message: "Couldn't find that app." },
    },
    {
      name: 'refuses more dynos than an app may have, other types included',
      path: '/apps/shop/formation/worker',
      body: { quantity: 100 },
      status: 422,
      reply: { id: 'cannot_update_above_limit', limit: 100 },
    },
    {
      name: 'refuses more dynos than a type of that size may have',
      path: '/apps/big/formation/worker',
      body: { quantity: 11 },
      status: 422,
      reply: { id: 'cannot_update_above_limit', limit: 10 },
    },
    {
      name: 'refuses a second Eco dyno',
      path: '/apps/tiny/formation/worker',
      body: { quantity: 2 },
      status: 422,
      reply: { id: 'cannot_update_above_limit', limit: 1 },
    },
    {
      name: 'refuses to mix tiers',
      path: '/apps/shop/formation/worker',
      body: { dyno_size: { name: 'basic' } },
      status: 422,
      reply: {
        id: 'invalid_params',
        message: 'Cannot use the following dyno types in the same app: Standard-1X and Basic',
      },
    },
    {
      name: 'refuses an unknown size',
      path: '/apps/shop/formation/worker',
      body: { dyno_size: { name: '1X' } },
      status: 422,
      reply: { id: 'invalid_params' },
    },
    {
      name: 'refuses an app that was never deployed',
      path: '/apps/fresh/formation/worker',
      body: { quantity: 1 },
      status: 422,
      reply: { id: 'invalid_params', message: 'App must be deployed before dynos can be scaled.' },
    },
    {
      name: 'refuses a negative quantity',
      path: '/apps/shop/formation/worker',
      body: { quantity: -1 },
      status: 422,
      reply: { id: 'invalid_params' },
    },
    {
      name: 'refuses a string, which only a batch may hold',
      path: '/apps/shop/formation/worker',
      body: { quantity: '3' },
      status: 422,
      reply: { id: 'invalid_params' },
    },
    {
      name: 'refuses a body that is not an object',
      path: '/apps/shop/formation/worker',
      body: [],
      status: 400,
      reply: { id: 'bad_request' },
    },
  ];
  test.each(rows)('$name', async ({ path, body, status, reply }) => {
    const called = await call(platform, 'PATCH', path, body);
    expect(called).toMatchObject({ status, body: reply });
  });

  test('a refusal changes nothing', async () => {
    await call(platform, 'PATCH', '/apps/shop/formation/worker', { quantity: 100 });
    expect(platform.quantity('shop', 'worker')).toBe(3);
    expect(platform.dynos('shop')).toHaveLength(4);
  });

  test('scaling down from above the limit is allowed', async () => {
    platform.setQuantity('shop', 'worker', 150);
    const called = await call(platform, 'PATCH', '/apps/shop/formation/worker', { quantity: 120 });
    expect(called.status).toBe(200);
  });

  test('the same quantity leaves updated_at unchanged, another sets it', async () => {
    now += 60_000;
    const same = await call(platform, 'PATCH', '/apps/shop/formation/worker', { quantity: 3 });
    const other = await call(platform, 'PATCH', '/apps/shop/formation/worker', { quantity: 4 });
    expect(same.body).toMatchObject({ updated_at: '2026-01-01T00:00:00Z' });
    expect(other.body).toMatchObject({ updated_at: '2026-01-01T00:01:00Z' });
  });
});

describe('PATCH of a batch', () => {
  test.each([
    { name: 'a number', quantity: 5, becomes: 5 },
    { name: 'a string', quantity: '5', becomes: 5 },
    { name: 'an increase', quantity: '+2', becomes: 5 },
    { name: 'a decrease', quantity: '-1', becomes: 2 },
  ])('takes $name', async ({ quantity, becomes }) => {
    const called = await call(platform, 'PATCH', '/apps/shop/formation', {
      updates: [{ type: 'worker', quantity, size: 'Standard-2X' }],
    });
    expect(called).toMatchObject({
      status: 200,
      body: [{ type: 'worker', quantity: becomes, size: 'Standard-2X' }],
    });
    expect(platform.quantity('shop', 'worker')).toBe(becomes);
  });

  test('is applied as a whole or not at all', async () => {
    const called = await call(platform, 'PATCH', '/apps/shop/formation', {
      updates: [
        { type: 'worker', quantity: 5 },
        { type: 'mailer', quantity: 1 },
      ],
    });
    expect(called.status).toBe(404);
    expect(platform.quantity('shop', 'worker')).toBe(3);
  });

  test.each([
    { name: 'no updates', body: {} },
    { name: 'an update without a type', body: { updates: [{ quantity: 1 }] } },
    { name: 'a quantity that is not a number', body: { updates: [{ type: 'worker', quantity: 'many' }] } },
  ])('refuses $name', async ({ body }) => {
    const called = await call(platform, 'PATCH', '/apps/shop/formation', body);
    expect(called).toMatchObject({ status: 422, body: { id: 'invalid_params' } });
  });
});

describe('dynos that are only records', () => {
  test('are starting during their boot time, then up', async () => {
    const slow = await startPlatform({
      clock: { now: () => now },
      bootMs: 20_000,
      apps: [{ name: 'shop', formation: [{ type: 'worker', quantity: 2 }] }],
    });
    const states = (): string[] => slow.dynos('shop').map(({ name, state }) => `${name} ${state}`);
    try {
      expect(states()).toEqual(['worker.1 starting', 'worker.2 starting']);
      now += 20_000;
      slow.setQuantity('shop', 'worker', 3);
      expect(states()).toEqual(['worker.1 up', 'worker.2 up', 'worker.3 starting']);
      slow.setQuantity('shop', 'worker', 1);
      expect(states()).toEqual(['worker.1 up']);
      now += 10_000;
      // Two ran 20 s, one of them 10 s more, and the third ended at once.
      expect(slow.dynoSeconds('shop', 'worker')).toBe(50);
    } finally {
      await slow.close();
    }
  });

  test('have random names on Fir', () => {
    const names = platform.dynos('leaf').map(({ name }) => name);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^worker-[0-9a-z]+-[0-9a-z]{5}$/);
  });

  test('are replaced by a restart, which bills each place in the formation once', async () => {
    const before = await call(platform, 'GET', '/apps/shop/dynos/worker.2');
    now += 5_000;
    const restarted = await call(platform, 'DELETE', '/apps/shop/dynos/worker.2');
    now += 5_000;
    const after = await call(platform, 'GET', '/apps/shop/dynos/worker.2');
    expect(restarted.status).toBe(202);
    expect((after.body as { id: string }).id).not.toBe((before.body as { id: string }).id);
    expect(platform.dynoSeconds('shop', 'worker')).toBe(30);
  });
});
