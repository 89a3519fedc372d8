import { afterEach, describe, expect, test } from 'vitest';

import { userAgent } from '../../../src/adapters/http/send.ts';
import type { Resize, Resized } from '../../../src/ports/platform.ts';
import { DONE, failureFrom, NEVER, startLocalHeroku, UP, type LocalHeroku } from './local-heroku.ts';
import { cedar } from '../../support/ports.ts';

let heroku: LocalHeroku;
afterEach(() => heroku.platform.close());

describe('a reading', () => {
  test('takes one request for the list, with the documented headers', async () => {
    heroku = await startLocalHeroku();
    let headers: Record<string, unknown> = {};
    heroku.platform.intercept((request) => {
      headers = request.headers;
      return 'pass';
    });
    const states = await heroku.formation.read(['worker'], NEVER);
    expect([...states]).toEqual([
      [
        'worker',
        {
          processType: 'worker',
          quantity: 3,
          size: 'Standard-1X',
          others: new Map([['web', 1]]),
          readAt: heroku.clock.at,
          naming: cedar('worker', new Map([['web', 1]])),
        },
      ],
    ]);
    expect(heroku.requests()).toEqual(['GET formation 200']);
    expect(headers).toMatchObject({
      accept: 'application/vnd.heroku+json; version=3',
      authorization: `Bearer ${heroku.platform.token}`,
      'user-agent': userAgent(),
    });
    expect(userAgent()).toMatch(/^drover\/\d+\.\d+\.\d+/);
  });

  test('of several process types takes one request for the list', async () => {
    heroku = await startLocalHeroku();
    const states = await heroku.formation.read(['worker', 'web'], NEVER);
    expect([...states].map(([type, state]) => [type, (state as { quantity: number }).quantity])).toEqual([
      ['worker', 3],
      ['web', 1],
    ]);
    expect(heroku.requests()).toEqual(['GET formation 200']);
  });

  test('is retried within the tick after a temporary failure', async () => {
    heroku = await startLocalHeroku();
    heroku.faults({ status: 503 }, { reset: true });
    const states = await heroku.formation.read(['worker'], NEVER);
    expect(states.get('worker')).toMatchObject({ quantity: 3 });
    expect(heroku.requests()).toHaveLength(3);
    expect(heroku.clock.slept).toEqual([300, 1_000]);
  });
});

describe('a write', () => {
  const rows: {
    name: string;
    resize: Resize;
    body: unknown;
    result: Resized;
  }[] = [
    { name: 'up', resize: UP, body: { quantity: 5 }, result: DONE },
    {
      name: 'down to zero',
      resize: { ...UP, to: 0 },
      body: { quantity: 0 },
      result: { kind: 'resized', answered: true, quantity: 0, size: 'Standard-1X' },
    },
    {
      name: 'with the size it has, in another case',
      resize: { ...UP, size: 'standard-1x' },
      body: { quantity: 5 },
      result: DONE,
    },
    {
      name: 'with another size',
      resize: { ...UP, size: 'standard-2x' },
      body: { quantity: 5, dyno_size: { name: 'standard-2x' } },
      result: { kind: 'resized', answered: true, quantity: 5, size: 'Standard-2X' },
    },
    {
      name: 'the size alone',
      resize: { ...UP, to: 3, size: 'standard-2x' },
      body: { dyno_size: { name: 'standard-2x' } },
      result: { kind: 'resized', answered: true, quantity: 3, size: 'Standard-2X' },
    },
  ];
  test.each(rows)('$name', async ({ resize, body, result }) => {
    heroku = await startLocalHeroku();
    expect(await heroku.formation.resize(resize, NEVER)).toEqual(result);
    expect(heroku.requests()).toEqual(['GET worker 200', 'PATCH worker 200']);
    expect(heroku.platform.requests.at(-1)?.body).toEqual(body);
  });

  test('is not sent if quantity and size are right already', async () => {
    heroku = await startLocalHeroku();
    const resized = await heroku.formation.resize({ ...UP, to: 3, size: 'STANDARD-1X' }, NEVER);
    expect(resized).toEqual({ kind: 'resized', answered: true, quantity: 3, size: 'Standard-1X' });
    expect(heroku.requests()).toEqual(['GET worker 200']);
  });

  test.each([
    { name: 'another quantity', quantity: 7 },
    { name: 'the wanted quantity', quantity: 5 },
  ])('is not sent once another client set $name', async ({ quantity }) => {
    heroku = await startLocalHeroku();
    await heroku.formation.read(['worker'], NEVER);
    heroku.platform.setQuantity('shop', 'worker', quantity);
    expect(await heroku.formation.resize(UP, NEVER)).toEqual({ kind: 'overtaken', answered: true, quantity });
    expect(heroku.requests()).toEqual(['GET formation 200', 'GET worker 200']);
  });
});

describe('a limit of Heroku', () => {
  const shop = (web: number, worker: number, size = 'Standard-1X') => ({
    apps: [
      {
        name: 'shop',
        formation: [
          { type: 'web', quantity: web, size },
          { type: 'worker', quantity: worker, size },
        ],
      },
    ],
  });
  test.each([
    {
      name: "on the app: the other types' dynos are subtracted",
      options: { ...shop(4, 3), limit: 10 },
      to: 20,
      result: { kind: 'limited', answered: true, quantity: 6, limit: { count: 10, counts: 'app' } },
      patches: 2,
    },
    {
      name: 'on the app, reached already: there is no second write',
      options: { ...shop(7, 3), limit: 10 },
      to: 20,
      result: { kind: 'limited', answered: true, quantity: 3, limit: { count: 10, counts: 'app' } },
      patches: 1,
    },
    {
      name: 'exceeded already: the quantity is never lowered',
      options: { ...shop(9, 3), limit: 10 },
      to: 20,
      result: { kind: 'limited', answered: true, quantity: 3, limit: { count: 3, counts: 'type' } },
      patches: 2,
    },
    {
      name: 'exceeded by the app while fewer are wanted: the quantity is never lowered',
      options: { ...shop(9, 3), limit: 10 },
      to: 5,
      result: { kind: 'limited', answered: true, quantity: 3, limit: { count: 10, counts: 'app' } },
      patches: 1,
    },
    {
      name: 'on the type, known by its size',
      options: shop(5, 3, 'Performance-M'),
      to: 20,
      result: { kind: 'limited', answered: true, quantity: 10, limit: { count: 10, counts: 'type' } },
      patches: 2,
    },
  ])('$name', async ({ options, to, result, patches }) => {
    heroku = await startLocalHeroku(options);
    expect(await heroku.formation.resize({ ...UP, to }, NEVER)).toEqual(result);
    expect(heroku.requests().filter((line) => line.startsWith('PATCH'))).toHaveLength(patches);
    expect(heroku.platform.quantity('shop', 'worker')).toBe(result.quantity);
  });

  test('that refuses the second write too leaves the quantity', async () => {
    heroku = await startLocalHeroku();
    heroku.platform.intercept(({ method }) =>
      method === 'PATCH' ? { status: 422, body: { id: 'cannot_update_above_limit', limit: 50 } } : 'pass',
    );
    const resized = await heroku.formation.resize({ ...UP, to: 80 }, NEVER);
    expect(resized).toEqual({
      kind: 'limited',
      answered: true,
      quantity: 3,
      limit: { count: 3, counts: 'type' },
    });
    expect(heroku.platform.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2);
  });

  test.each([
    { name: 'another size alone', to: 3 },
    { name: 'fewer dynos of another size', to: 2 },
  ])('that refuses $name is a failure', async ({ to }) => {
    heroku = await startLocalHeroku();
    heroku.platform.intercept(({ method }) =>
      method === 'PATCH' ? { status: 422, body: { id: 'cannot_update_above_limit', limit: 1 } } : 'pass',
    );
    const work = heroku.formation.resize({ ...UP, to, size: 'performance-l' }, NEVER);
    const failure = await failureFrom(work, heroku.platform.token);
    expect(failure.code).toBe('HEROKU_LIMIT');
    expect(failure.remedy).toContain('heroku ps -a shop');
    expect(heroku.platform.quantity('shop', 'worker')).toBe(3);
  });
});
