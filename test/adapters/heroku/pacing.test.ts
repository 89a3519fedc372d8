import { afterEach, expect, test } from 'vitest';

import { instant } from '../../../src/core/words.ts';
import { NEVER, startLocalHeroku, type LocalHeroku } from './local-heroku.ts';

let heroku: LocalHeroku;
afterEach(() => heroku.platform.close());

/** How many requests these ticks make, and what the last tick reads. */
async function ticks(count: number, everyMs: number): Promise<{ requests: number; last: unknown }> {
  const before = heroku.platform.requests.length;
  let last: unknown;
  for (let tick = 0; tick < count; tick += 1) {
    last = (await heroku.formation.read(['worker'], NEVER)).get('worker');
    heroku.clock.at += everyMs;
  }
  return { requests: heroku.platform.requests.length - before, last };
}

test.each([
  { name: 'a tick of 10 s reads each time', everyMs: 10_000, requests: 360 },
  {
    name: 'a tick of 1 s reads every fourth time, which leaves three quarters of the limit',
    everyMs: 1_000,
    requests: 900,
  },
])('$name', async ({ everyMs, requests }) => {
  heroku = await startLocalHeroku();
  expect((await ticks(3_600_000 / everyMs, everyMs)).requests).toBe(requests);
});

test('readings are rarer when few requests remain', async () => {
  heroku = await startLocalHeroku();
  heroku.platform.rateLimitRemaining = 225;
  await ticks(1, 1_000);
  const { requests } = await ticks(60, 1_000);
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThanOrEqual(2);
});

test('a cached reading keeps the time at which it was read', async () => {
  heroku = await startLocalHeroku();
  await ticks(1, 1_000);
  const readAt = heroku.clock.at - 1_000;
  const { last } = await ticks(1, 0);
  expect(last).toMatchObject({ quantity: 3, readAt });
});

test('the result of a write is the next reading', async () => {
  heroku = await startLocalHeroku();
  await ticks(1, 1_000);
  await heroku.formation.resize({ processType: 'worker', from: 3, to: 5 }, NEVER);
  const { requests, last } = await ticks(1, 0);
  expect([requests, last]).toEqual([0, expect.objectContaining({ quantity: 5 })]);
});

test.each([
  { name: 'without Retry-After: for the minute until the limit is refilled', headers: {}, pausedMs: 60_000 },
  { name: 'with seconds', headers: { 'Retry-After': '120' }, pausedMs: 120_000 },
  { name: 'with a date', headers: { 'Retry-After': 'Thu, 01 Jan 2026 00:02:00 GMT' }, pausedMs: 120_000 },
  {
    name: 'with an epoch',
    headers: { 'Retry-After': String(Date.UTC(2026, 0, 1, 0, 2) / 1000) },
    pausedMs: 120_000,
  },
  {
    name: 'with a day: for a quarter of an hour',
    headers: { 'Retry-After': '86400' },
    pausedMs: 900_000,
  },
])('429 pauses all requests: $name', async ({ headers, pausedMs }) => {
  heroku = await startLocalHeroku();
  const startedAt = heroku.clock.at;
  heroku.faults({ status: 429, headers, body: { id: 'rate_limit' } });
  const first = (await heroku.formation.read(['worker'], NEVER)).get('worker');
  expect(first).toMatchObject({
    code: 'HEROKU_RATE_LIMITED',
    message: expect.stringContaining(instant(startedAt + pausedMs)),
  });
  heroku.clock.at = startedAt + pausedMs - 1;
  expect((await heroku.formation.read(['web', 'worker'], NEVER)).get('web')).toBe(first);
  await expect(heroku.formation.resize({ processType: 'worker', from: 3, to: 5 }, NEVER)).rejects.toBe(first);
  expect(heroku.requests()).toEqual(['GET formation 429']);
  heroku.clock.at = startedAt + pausedMs;
  expect((await heroku.formation.read(['worker'], NEVER)).get('worker')).toMatchObject({ quantity: 3 });
});

test('429 to a write ends the requests of that tick', async () => {
  heroku = await startLocalHeroku();
  heroku.faults('pass', { status: 429, body: { id: 'rate_limit' } });
  const work = heroku.formation.resize({ processType: 'worker', from: 3, to: 5 }, NEVER);
  await expect(work).rejects.toMatchObject({ code: 'HEROKU_RATE_LIMITED' });
  expect(heroku.requests()).toEqual(['GET worker 200', 'PATCH worker 429']);
});

test('an account whose rate limit is used up gets no requests until it is refilled', async () => {
  heroku = await startLocalHeroku();
  heroku.platform.rateLimitRemaining = 0;
  const { requests, last } = await ticks(7, 10_000);
  expect(last).toMatchObject({ quantity: 3 });
  expect(requests).toBe(2);
});

test('a refused request is repeated every 10 s', async () => {
  heroku = await startLocalHeroku();
  heroku.platform.intercept(() => ({ status: 401, body: { id: 'unauthorized' } }));
  const { requests, last } = await ticks(3_600, 1_000);
  expect(last).toMatchObject({ code: 'HEROKU_UNAUTHORIZED' });
  expect(requests).toBe(360);
});

test('a refused write does not pause the readings', async () => {
  heroku = await startLocalHeroku({ scopes: ['read'] });
  const resize = { processType: 'worker', from: 3, to: 5 };
  await expect(heroku.formation.resize(resize, NEVER)).rejects.toMatchObject({ code: 'HEROKU_SCOPE' });
  await expect(heroku.formation.resize(resize, NEVER)).rejects.toMatchObject({ code: 'HEROKU_SCOPE' });
  expect(heroku.requests().filter((line) => line.startsWith('PATCH'))).toEqual(['PATCH worker 403']);
  expect((await ticks(1, 0)).last).toMatchObject({ quantity: 3 });
});

test('a missing process type is not read at every tick', async () => {
  heroku = await startLocalHeroku();
  await heroku.formation.read(['mailer'], NEVER);
  const again = await heroku.formation.read(['mailer'], NEVER);
  expect(again.get('mailer')).toMatchObject({ message: expect.stringContaining('it has web, worker') });
  expect(heroku.requests()).toEqual(['GET formation 200']);
});

test('a missing process type among others takes no more requests than an existing one', async () => {
  heroku = await startLocalHeroku();
  for (let tick = 0; tick < 8; tick += 1) {
    const states = await heroku.formation.read(['worker', 'mailer'], NEVER);
    expect(states.get('mailer')).toMatchObject({ code: 'HEROKU_TYPE_MISSING' });
    heroku.clock.at += 1_000;
  }
  expect(heroku.requests()).toEqual(['GET formation 200', 'GET formation 200']);
});

test('a Retry-After that outlasts the tick leaves the request to a later tick', async () => {
  heroku = await startLocalHeroku();
  heroku.faults({ status: 503, headers: { 'Retry-After': '30' } });
  const { requests, last } = await ticks(1, 10_000);
  expect([requests, last]).toEqual([1, expect.objectContaining({ code: 'HEROKU_UNAVAILABLE' })]);
  expect((await ticks(1, 0)).last).toMatchObject({ quantity: 3 });
});
