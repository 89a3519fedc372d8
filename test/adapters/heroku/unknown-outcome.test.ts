import { afterEach, describe, expect, test } from 'vitest';

import { HerokuAccount } from '../../../src/adapters/heroku/account.ts';
import { herokuFormation } from '../../../src/adapters/heroku/formation.ts';
import { rateLimited } from '../../../src/adapters/heroku/refusal.ts';
import type { Fault } from '../../../src/standin/fault.ts';
import { DONE, NEVER, startLocalHeroku, timeoutFor, UP, type LocalHeroku } from './local-heroku.ts';

import { PATIENCE_MS } from '../../support/patience.ts';

let heroku: LocalHeroku;
afterEach(() => heroku.platform.close());

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

  test('stays unknown where another process type pauses all requests before it is repeated', async () => {
    heroku = await startLocalHeroku();
    const [account, { clock, platform }] = [new HerokuAccount(), heroku];
    const formation = herokuFormation({
      ...{ appName: 'shop', token: platform.token, baseUrl: platform.url, timeoutMs: PATIENCE_MS, clock },
      account,
    });
    let sent = false;
    platform.intercept(({ method }) => {
      if (method === 'PATCH') sent = true;
      else if (sent) account.backoff.pause('all requests', rateLimited(clock.at), clock.monotonicMs());
      return method === 'PATCH' ? { status: 503 } : 'pass';
    });
    expect(await formation.resize(UP, NEVER)).toMatchObject({
      kind: 'unknown',
      answered: false,
      failure: { code: 'HEROKU_RATE_LIMITED' },
    });
    expect(heroku.requests()).toEqual(['GET worker 200', 'PATCH worker 503', 'GET worker 200']);
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
