import { afterEach, describe, expect, test } from 'vitest';

import { userAgent } from '../../../src/adapters/heroku/user-agent.ts';
import type { Resize, Resized } from '../../../src/ports.ts';
import type { Fault } from '../../../src/standin/fault.ts';
import { failureFrom, NEVER, startScene, timeoutFor, type Scene } from './scene.ts';

let scene: Scene;
afterEach(() => scene.platform.close());

const UP: Resize = { processType: 'worker', from: 3, to: 5 };
const DONE: Resized = { kind: 'resized', answered: true, quantity: 5, size: 'Standard-1X' };

describe('reading', () => {
  test('takes one request for the list, as documented', async () => {
    scene = await startScene();
    let headers: Record<string, unknown> = {};
    scene.platform.intercept((request) => {
      headers = request.headers;
      return 'pass';
    });
    const states = await scene.formation.read(['worker'], NEVER);
    expect([...states]).toEqual([
      [
        'worker',
        {
          processType: 'worker',
          quantity: 3,
          size: 'Standard-1X',
          others: new Map([['web', 1]]),
          readAt: scene.clock.at,
        },
      ],
    ]);
    expect(scene.asked()).toEqual(['GET formation 200']);
    expect(headers).toMatchObject({
      accept: 'application/vnd.heroku+json; version=3',
      authorization: `Bearer ${scene.platform.token}`,
      'user-agent': userAgent(),
    });
    expect(userAgent()).toMatch(/^drover\/\d+\.\d+\.\d+/);
  });

  test('several take one for the list', async () => {
    scene = await startScene();
    const states = await scene.formation.read(['worker', 'web'], NEVER);
    expect([...states].map(([type, state]) => [type, (state as { quantity: number }).quantity])).toEqual([
      ['worker', 3],
      ['web', 1],
    ]);
    expect(scene.asked()).toEqual(['GET formation 200']);
  });

  test('a failure that passes is asked again within the tick', async () => {
    scene = await startScene();
    scene.faults({ status: 503 }, { reset: true });
    const states = await scene.formation.read(['worker'], NEVER);
    expect(states.get('worker')).toMatchObject({ quantity: 3 });
    expect(scene.asked()).toHaveLength(3);
    expect(scene.clock.slept).toEqual([300, 1_000]);
  });
});

describe('writing', () => {
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
    scene = await startScene();
    expect(await scene.formation.resize(resize, NEVER)).toEqual(result);
    expect(scene.asked()).toEqual(['GET worker 200', 'PATCH worker 200']);
    expect(scene.platform.requests.at(-1)?.body).toEqual(body);
  });

  test('nothing is written where all is as it should be', async () => {
    scene = await startScene();
    const resized = await scene.formation.resize({ ...UP, to: 3, size: 'STANDARD-1X' }, NEVER);
    expect(resized).toEqual({ kind: 'resized', answered: true, quantity: 3, size: 'Standard-1X' });
    expect(scene.asked()).toEqual(['GET worker 200']);
  });

  test.each([
    { name: 'something else', quantity: 7 },
    { name: 'the very same', quantity: 5 },
  ])('nothing is written once somebody set $name', async ({ quantity }) => {
    scene = await startScene();
    await scene.formation.read(['worker'], NEVER);
    scene.platform.setQuantity('shop', 'worker', quantity);
    expect(await scene.formation.resize(UP, NEVER)).toEqual({ kind: 'overtaken', answered: true, quantity });
    expect(scene.asked()).toEqual(['GET formation 200', 'GET worker 200']);
  });
});

describe('a write whose outcome is not known', () => {
  const rows: { name: string; fault: Fault; asked: string[]; answered?: true }[] = [
    {
      name: 'done, answer reset',
      fault: { applyThenReset: true },
      asked: ['PATCH worker 200', 'GET worker 200'],
    },
    {
      name: 'done, answer hangs',
      fault: { applyThenHang: true },
      asked: ['PATCH worker 200', 'GET worker 200'],
    },
    { name: 'done, answer cut', fault: { cutAfterBytes: 9 }, asked: ['PATCH worker 200', 'GET worker 200'] },
    { name: 'done, answer drips', fault: { dripMs: 50 }, asked: ['PATCH worker 200', 'GET worker 200'] },
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
      asked: [`PATCH worker ${status}`, 'GET worker 200', 'PATCH worker 200'],
    })),
    {
      name: 'not done, 429 for a moment',
      fault: { status: 429, headers: { 'Retry-After': '1' } },
      asked: ['PATCH worker 429', 'GET worker 200', 'PATCH worker 200'],
      answered: true,
    },
  ];
  test.each(rows)(
    '$name: it is looked at, and done in the end',
    async ({ fault, asked, answered = false }) => {
      scene = await startScene(timeoutFor(fault));
      scene.faults('pass', fault);
      expect(await scene.formation.resize(UP, NEVER)).toEqual({ ...DONE, answered });
      expect(scene.asked()).toEqual(['GET worker 200', ...asked]);
      expect(scene.platform.quantity('shop', 'worker')).toBe(5);
    },
  );

  test('is not sent again after a timeout, and found not done it is unknown', async () => {
    scene = await startScene(timeoutFor({ hang: true }));
    scene.faults('pass', { hang: true });
    expect(await scene.formation.resize(UP, NEVER)).toMatchObject({
      kind: 'unknown',
      answered: false,
      failure: { code: 'HEROKU_TIMEOUT' },
    });
    expect(scene.asked()).toEqual(['GET worker 200', 'PATCH worker 0', 'GET worker 200']);
  });

  test('that is too late to be sent is not sent', async () => {
    scene = await startScene();
    const late = { ...UP, to: 1, sendBeforeMs: scene.clock.monotonicMs() - 1 };
    await expect(scene.formation.resize(late, NEVER)).rejects.toMatchObject({ code: 'TICK_DEADLINE' });
    expect(scene.asked()).toEqual(['GET worker 200']);
  });

  test('is not repeated over what another client set meanwhile', async () => {
    scene = await startScene();
    scene.platform.intercept(({ method }) => {
      if (method === 'PATCH') scene.platform.setQuantity('shop', 'worker', 9);
      return method === 'PATCH' ? { status: 503 } : 'pass';
    });
    expect(await scene.formation.resize(UP, NEVER)).toEqual({
      kind: 'overtaken',
      answered: false,
      quantity: 9,
    });
  });

  test('ends after the third time with what went wrong, looked at once more', async () => {
    scene = await startScene();
    scene.platform.intercept(({ method }) => (method === 'PATCH' ? { status: 503 } : 'pass'));
    expect(await scene.formation.resize(UP, NEVER)).toMatchObject({
      kind: 'unknown',
      failure: { code: 'HEROKU_UNAVAILABLE' },
    });
    expect(scene.asked().map((line) => line.split(' ')[0])).toEqual([
      'GET',
      'PATCH',
      'GET',
      'PATCH',
      'GET',
      'PATCH',
      'GET',
    ]);
  });

  test('found done by the very last look is done', async () => {
    scene = await startScene();
    scene.faults('pass', { status: 503 }, 'pass', { status: 503 }, 'pass', { applyThenReset: true });
    expect(await scene.formation.resize(UP, NEVER)).toEqual({ ...DONE, answered: false });
  });

  test('leaves no reading behind to decide on', async () => {
    scene = await startScene();
    await scene.formation.read(['worker'], NEVER);
    scene.faults('pass', { applyThenReset: true }, ...Array.from({ length: 3 }, () => ({ status: 503 })));
    expect(await scene.formation.resize(UP, NEVER)).toMatchObject({ kind: 'unknown' });
    scene.platform.setQuantity('shop', 'worker', 8);
    expect((await scene.formation.read(['worker'], NEVER)).get('worker')).toMatchObject({ quantity: 8 });
  });
});

describe("Heroku's limit", () => {
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
      name: "the app's: what the others use is taken off",
      options: { ...shop(4, 3), limit: 10 },
      to: 20,
      result: { kind: 'limited', answered: true, quantity: 6, limit: { count: 10, counts: 'app' } },
      patches: 2,
    },
    {
      name: 'reached already: nothing is written',
      options: { ...shop(7, 3), limit: 10 },
      to: 20,
      result: { kind: 'limited', answered: true, quantity: 3, limit: { count: 10, counts: 'app' } },
      patches: 1,
    },
    {
      name: 'exceeded already: never fewer than there are',
      options: { ...shop(9, 3), limit: 10 },
      to: 20,
      result: { kind: 'limited', answered: true, quantity: 3, limit: { count: 3, counts: 'type' } },
      patches: 2,
    },
    {
      name: 'exceeded, and asked for fewer than it: never fewer than there are',
      options: { ...shop(9, 3), limit: 10 },
      to: 5,
      result: { kind: 'limited', answered: true, quantity: 3, limit: { count: 10, counts: 'app' } },
      patches: 1,
    },
    {
      name: "the type's, by its size",
      options: shop(5, 3, 'Performance-M'),
      to: 20,
      result: { kind: 'limited', answered: true, quantity: 10, limit: { count: 10, counts: 'type' } },
      patches: 2,
    },
  ])('$name', async ({ options, to, result, patches }) => {
    scene = await startScene(options);
    expect(await scene.formation.resize({ ...UP, to }, NEVER)).toEqual(result);
    expect(scene.asked().filter((line) => line.startsWith('PATCH'))).toHaveLength(patches);
    expect(scene.platform.quantity('shop', 'worker')).toBe(result.quantity);
  });

  test('refused again is the end of it', async () => {
    scene = await startScene();
    scene.platform.intercept(({ method }) =>
      method === 'PATCH' ? { status: 422, body: { id: 'cannot_update_above_limit', limit: 50 } } : 'pass',
    );
    const resized = await scene.formation.resize({ ...UP, to: 80 }, NEVER);
    expect(resized).toEqual({
      kind: 'limited',
      answered: true,
      quantity: 3,
      limit: { count: 3, counts: 'type' },
    });
    expect(scene.platform.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2);
  });

  test.each([
    { name: 'another size alone', to: 3 },
    { name: 'fewer dynos of another size', to: 2 },
  ])('for $name is a failure', async ({ to }) => {
    scene = await startScene();
    scene.platform.intercept(({ method }) =>
      method === 'PATCH' ? { status: 422, body: { id: 'cannot_update_above_limit', limit: 1 } } : 'pass',
    );
    const work = scene.formation.resize({ ...UP, to, size: 'performance-l' }, NEVER);
    const failure = await failureFrom(work, scene.platform.token);
    expect(failure.code).toBe('HEROKU_LIMIT');
    expect(failure.remedy).toContain('heroku ps -a shop');
    expect(scene.platform.quantity('shop', 'worker')).toBe(3);
  });
});

describe("the tick's end", () => {
  test('in the middle of a write leaves it unknown', async () => {
    scene = await startScene();
    const tick = new AbortController();
    scene.platform.intercept(({ method }) => {
      if (method === 'GET') return 'pass';
      setTimeout(() => tick.abort(new Error('the tick is over')), 20);
      return { hang: true };
    });
    expect(await scene.formation.resize(UP, tick.signal)).toMatchObject({ kind: 'unknown', answered: false });
  });

  test.each([
    { name: 'a reading', work: (signal: AbortSignal) => scene.formation.read(['worker'], signal) },
    { name: 'a write', work: (signal: AbortSignal) => scene.formation.resize(UP, signal) },
  ])('ends $name that hangs at once, its connection too', async ({ work }) => {
    scene = await startScene();
    const tick = new AbortController();
    scene.platform.intercept(() => {
      setTimeout(() => tick.abort(new Error('the tick is over')), 20);
      return { hang: true };
    });
    await expect(work(tick.signal)).rejects.toThrow('the tick is over');
    await expect.poll(() => scene.platform.connections).toBe(0);
    expect(scene.platform.requests).toHaveLength(1);
  });

  test('ends the retries', async () => {
    scene = await startScene();
    const tick = new AbortController();
    scene.platform.intercept(() => ({ status: 503 }));
    scene.clock.onSleep = () => tick.abort(new Error('the tick is over'));
    await expect(scene.formation.read(['worker'], tick.signal)).rejects.toThrow('the tick is over');
    expect(scene.asked()).toEqual(['GET formation 503']);
  });

  test('that has come already asks nothing', async () => {
    scene = await startScene();
    const over = AbortSignal.abort(new Error('the tick is over'));
    await expect(scene.formation.resize(UP, over)).rejects.toThrow('the tick is over');
    expect(scene.asked()).toEqual([]);
  });
});
