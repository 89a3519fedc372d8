import { afterEach, describe, expect, test } from 'vitest';

import { userAgent } from '../../../src/adapters/http/send.ts';
import type { Resize, Resized } from '../../../src/ports/platform.ts';
import type { Fault } from '../../../src/standin/fault.ts';
import { failureFrom, NEVER, startLocalHeroku, timeoutFor, type LocalHeroku } from './local-heroku.ts';
import { cedar } from '../../support/ports.ts';

let heroku: LocalHeroku;
afterEach(() => heroku.platform.close());

const UP: Resize = { processType: 'worker', from: 3, to: 5 };
const DONE: Resized = { kind: 'resized', answered: true, quantity: 5, size: 'Standard-1X' };

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

describe('a write whose outcome is not known', () => {
  const rows: { name: string; fault: Fault; requests: string[]; answered?: true }[] = [
    {
      name: 'done, answer reset',
      fault: { applyThenReset: true },
      requests: ['PATCH worker 200', 'GET worker 200'],
    },
    {
      name: 'done, answer hangs',
      fault: { applyThenHang: true },
      requests: ['PATCH worker 200', 'GET worker 200'],
    },
    {
      name: 'done, answer cut',
      fault: { cutAfterBytes: 9 },
      requests: ['PATCH worker 200', 'GET worker 200'],
    },
    { name: 'done, answer drips', fault: { dripMs: 50 }, requests: ['PATCH worker 200', 'GET worker 200'] },
    ...(
      [
        ['not done, reset', { reset: true }, 0],
        ['not done, 200 with nothing', { status: 200, body: '' }, 200],
        ['not done, 200 with HTML', { status: 200, body: '<html>' }, 200],
        ['not done, 200 of the wrong type', { status: 200, body: { quantity: '5' } }, 200],
        ['not done, 500', { status: 500, body: { id: 'x' } }, 500],
        ['not done, 503 with nothing', { status: 503 }, 503],
      ] as const
    ).map(([name, fault, status]) => ({
      name,
      fault,
      requests: [`PATCH worker ${status}`, 'GET worker 200', 'PATCH worker 200'],
    })),
    {
      name: 'not done, 429 for a moment',
      fault: { status: 429, headers: { 'Retry-After': '1' } },
      requests: ['PATCH worker 429', 'GET worker 200', 'PATCH worker 200'],
      answered: true,
    },
  ];
  test.each(rows)(
    '$name: it is read again, and done in the end',
    async ({ fault, requests, answered = false }) => {
      heroku = await startLocalHeroku(timeoutFor(fault));
      heroku.faults('pass', fault);
      expect(await heroku.formation.resize(UP, NEVER)).toEqual({ ...DONE, answered });
      expect(heroku.requests()).toEqual(['GET worker 200', ...requests]);
      expect(heroku.platform.quantity('shop', 'worker')).toBe(5);
    },
  );

  test('is not repeated after a timeout: not done when read again, its outcome is unknown', async () => {
    heroku = await startLocalHeroku(timeoutFor({ hang: true }));
    heroku.faults('pass', { hang: true });
    expect(await heroku.formation.resize(UP, NEVER)).toMatchObject({
      kind: 'unknown',
      answered: false,
      failure: { code: 'HEROKU_TIMEOUT' },
    });
    expect(heroku.requests()).toEqual(['GET worker 200', 'PATCH worker 0', 'GET worker 200']);
  });

  test('is not sent after its deadline', async () => {
    heroku = await startLocalHeroku();
    const late = { ...UP, to: 1, sendBeforeMs: heroku.clock.monotonicMs() - 1 };
    await expect(heroku.formation.resize(late, NEVER)).rejects.toMatchObject({ code: 'TICK_DEADLINE' });
    expect(heroku.requests()).toEqual(['GET worker 200']);
  });

  test('is not repeated over a quantity that another client set meanwhile', async () => {
    heroku = await startLocalHeroku();
    heroku.platform.intercept(({ method }) => {
      if (method === 'PATCH') heroku.platform.setQuantity('shop', 'worker', 9);
      return method === 'PATCH' ? { status: 503 } : 'pass';
    });
    expect(await heroku.formation.resize(UP, NEVER)).toEqual({
      kind: 'overtaken',
      answered: false,
      quantity: 9,
    });
  });

  test('is given up after three attempts and a last reading, with the last failure', async () => {
    heroku = await startLocalHeroku();
    heroku.platform.intercept(({ method }) => (method === 'PATCH' ? { status: 503 } : 'pass'));
    expect(await heroku.formation.resize(UP, NEVER)).toMatchObject({
      kind: 'unknown',
      failure: { code: 'HEROKU_UNAVAILABLE' },
    });
    expect(heroku.requests().map((line) => line.split(' ')[0])).toEqual([
      'GET',
      'PATCH',
      'GET',
      'PATCH',
      'GET',
      'PATCH',
      'GET',
    ]);
  });

  test('that the last reading finds done is done', async () => {
    heroku = await startLocalHeroku();
    heroku.faults('pass', { status: 503 }, 'pass', { status: 503 }, 'pass', { applyThenReset: true });
    expect(await heroku.formation.resize(UP, NEVER)).toEqual({ ...DONE, answered: false });
  });

  test('leaves no cached reading to decide on', async () => {
    heroku = await startLocalHeroku();
    await heroku.formation.read(['worker'], NEVER);
    heroku.faults('pass', { applyThenReset: true }, ...Array.from({ length: 3 }, () => ({ status: 503 })));
    expect(await heroku.formation.resize(UP, NEVER)).toMatchObject({ kind: 'unknown' });
    heroku.platform.setQuantity('shop', 'worker', 8);
    expect((await heroku.formation.read(['worker'], NEVER)).get('worker')).toMatchObject({ quantity: 8 });
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

describe('the end of the tick', () => {
  test('during a write leaves its outcome unknown', async () => {
    heroku = await startLocalHeroku();
    const tick = new AbortController();
    heroku.platform.intercept(({ method }) => {
      if (method === 'GET') return 'pass';
      setTimeout(() => tick.abort(new Error('the tick is over')), 20);
      return { hang: true };
    });
    expect(await heroku.formation.resize(UP, tick.signal)).toMatchObject({
      kind: 'unknown',
      answered: false,
    });
  });

  test.each([
    { name: 'a reading', work: (signal: AbortSignal) => heroku.formation.read(['worker'], signal) },
    { name: 'a write', work: (signal: AbortSignal) => heroku.formation.resize(UP, signal) },
  ])('ends $name that hangs, and its connection, at once', async ({ work }) => {
    heroku = await startLocalHeroku();
    const tick = new AbortController();
    heroku.platform.intercept(() => {
      setTimeout(() => tick.abort(new Error('the tick is over')), 20);
      return { hang: true };
    });
    await expect(work(tick.signal)).rejects.toThrow('the tick is over');
    await expect.poll(() => heroku.platform.connections).toBe(0);
    expect(heroku.platform.requests).toHaveLength(1);
  });

  test('ends the retries', async () => {
    heroku = await startLocalHeroku();
    const tick = new AbortController();
    heroku.platform.intercept(() => ({ status: 503 }));
    heroku.clock.onSleep = () => tick.abort(new Error('the tick is over'));
    await expect(heroku.formation.read(['worker'], tick.signal)).rejects.toThrow('the tick is over');
    expect(heroku.requests()).toEqual(['GET formation 503']);
  });

  test('before the write sends nothing', async () => {
    heroku = await startLocalHeroku();
    const over = AbortSignal.abort(new Error('the tick is over'));
    await expect(heroku.formation.resize(UP, over)).rejects.toThrow('the tick is over');
    expect(heroku.requests()).toEqual([]);
  });
});
