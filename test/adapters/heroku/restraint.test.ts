import { afterEach, expect, test } from 'vitest';

import { NEVER, startScene, type Scene } from './scene.ts';

let scene: Scene;
afterEach(() => scene.platform.close());

/** The requests that so many ticks make, and what the last of them read. */
async function ticks(count: number, everyMs: number): Promise<{ requests: number; last: unknown }> {
  const before = scene.platform.requests.length;
  let last: unknown;
  for (let tick = 0; tick < count; tick += 1) {
    last = (await scene.formation.read(['worker'], NEVER)).get('worker');
    scene.clock.at += everyMs;
  }
  return { requests: scene.platform.requests.length - before, last };
}

test.each([
  { name: 'a tick of 10 s reads each time', everyMs: 10_000, requests: 360 },
  {
    name: 'a tick of 1 s every fourth time, which leaves three quarters of the account',
    everyMs: 1_000,
    requests: 900,
  },
])('$name', async ({ everyMs, requests }) => {
  scene = await startScene();
  expect((await ticks(3_600_000 / everyMs, everyMs)).requests).toBe(requests);
});

test('the scarcer the requests, the seldomer the readings', async () => {
  scene = await startScene();
  scene.platform.rateLimitRemaining = 225;
  await ticks(1, 1_000);
  const { requests } = await ticks(60, 1_000);
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThanOrEqual(2);
});

test('a reading that is made do with says when it was made', async () => {
  scene = await startScene();
  await ticks(1, 1_000);
  const readAt = scene.clock.at - 1_000;
  const { last } = await ticks(1, 0);
  expect(last).toMatchObject({ quantity: 3, readAt });
});

test('what was just written is what is read', async () => {
  scene = await startScene();
  await ticks(1, 1_000);
  await scene.formation.resize({ processType: 'worker', from: 3, to: 5 }, NEVER);
  const { requests, last } = await ticks(1, 0);
  expect([requests, last]).toEqual([0, expect.objectContaining({ quantity: 5 })]);
});

test.each([
  { name: 'without a word: until the bucket is refilled', headers: {}, heldMs: 60_000 },
  { name: 'in seconds', headers: { 'Retry-After': '120' }, heldMs: 120_000 },
  { name: 'as a date', headers: { 'Retry-After': 'Thu, 01 Jan 2026 00:02:00 GMT' }, heldMs: 120_000 },
  {
    name: 'as an epoch',
    headers: { 'Retry-After': String(Date.UTC(2026, 0, 1, 0, 2) / 1000) },
    heldMs: 120_000,
  },
  {
    name: 'for a day: looked at after a quarter of an hour',
    headers: { 'Retry-After': '86400' },
    heldMs: 900_000,
  },
])('429 $name, nothing at all is asked', async ({ headers, heldMs }) => {
  scene = await startScene();
  const startedAt = scene.clock.at;
  scene.faults({ status: 429, headers, body: { id: 'rate_limit' } });
  const first = (await scene.formation.read(['worker'], NEVER)).get('worker');
  expect(first).toMatchObject({
    code: 'HEROKU_RATE_LIMITED',
    message: expect.stringContaining(new Date(startedAt + heldMs).toISOString()),
  });
  scene.clock.at = startedAt + heldMs - 1;
  expect((await scene.formation.read(['web', 'worker'], NEVER)).get('web')).toBe(first);
  await expect(scene.formation.resize({ processType: 'worker', from: 3, to: 5 }, NEVER)).rejects.toBe(first);
  expect(scene.asked()).toEqual(['GET formation 429']);
  scene.clock.at = startedAt + heldMs;
  expect((await scene.formation.read(['worker'], NEVER)).get('worker')).toMatchObject({ quantity: 3 });
});

test('429 for a write: nothing more is asked in that tick', async () => {
  scene = await startScene();
  scene.faults('pass', { status: 429, body: { id: 'rate_limit' } });
  const work = scene.formation.resize({ processType: 'worker', from: 3, to: 5 }, NEVER);
  await expect(work).rejects.toMatchObject({ code: 'HEROKU_RATE_LIMITED' });
  expect(scene.asked()).toEqual(['GET worker 200', 'PATCH worker 429']);
});

test('an account that is really out of requests is left alone until it has some', async () => {
  scene = await startScene();
  scene.platform.rateLimitRemaining = 0;
  const { requests, last } = await ticks(7, 10_000);
  expect(last).toMatchObject({ quantity: 3 });
  expect(requests).toBe(2);
});

test('what is refused is asked again every 10 s', async () => {
  scene = await startScene();
  scene.platform.intercept(() => ({ status: 401, body: { id: 'unauthorized' } }));
  const { requests, last } = await ticks(3_600, 1_000);
  expect(last).toMatchObject({ code: 'HEROKU_UNAUTHORIZED' });
  expect(requests).toBe(360);
});

test('a write that is refused for good does not keep the readings from being made', async () => {
  scene = await startScene({ scopes: ['read'] });
  const resize = { processType: 'worker', from: 3, to: 5 };
  await expect(scene.formation.resize(resize, NEVER)).rejects.toMatchObject({ code: 'HEROKU_SCOPE' });
  await expect(scene.formation.resize(resize, NEVER)).rejects.toMatchObject({ code: 'HEROKU_SCOPE' });
  expect(scene.asked().filter((line) => line.startsWith('PATCH'))).toEqual(['PATCH worker 403']);
  expect((await ticks(1, 0)).last).toMatchObject({ quantity: 3 });
});

test('a process type that is missing is not looked for at every tick', async () => {
  scene = await startScene();
  await scene.formation.read(['mailer'], NEVER);
  const again = await scene.formation.read(['mailer'], NEVER);
  expect(again.get('mailer')).toMatchObject({ message: expect.stringContaining('it has web, worker') });
  expect(scene.asked()).toEqual(['GET formation 200']);
});

test('one of several that is missing costs no more readings than if it were there', async () => {
  scene = await startScene();
  for (let tick = 0; tick < 8; tick += 1) {
    const states = await scene.formation.read(['worker', 'mailer'], NEVER);
    expect(states.get('mailer')).toMatchObject({ code: 'HEROKU_TYPE_MISSING' });
    scene.clock.at += 1_000;
  }
  expect(scene.asked()).toEqual(['GET formation 200', 'GET formation 200']);
});

test('a server that wants more patience than a tick has is asked again by a later one', async () => {
  scene = await startScene();
  scene.faults({ status: 503, headers: { 'Retry-After': '30' } });
  const { requests, last } = await ticks(1, 10_000);
  expect([requests, last]).toEqual([1, expect.objectContaining({ code: 'HEROKU_UNAVAILABLE' })]);
  expect((await ticks(1, 0)).last).toMatchObject({ quantity: 3 });
});
