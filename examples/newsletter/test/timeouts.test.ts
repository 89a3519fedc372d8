import { setTimeout as delay } from 'node:timers/promises';

import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { createServer } from '../src/http/server.ts';
import { startRouter, type Router } from '../src/router/router.ts';
import { openPostgres } from '../src/store/postgres.ts';
import type { Store } from '../src/store/store.ts';
import { keepPicture } from '../src/store/pictures.ts';
import { poll } from '../src/local/poll.ts';
import { openHarness, TIMES, type Harness } from './support/harness.ts';
import { PATIENCE_MS } from './support/patience.ts';

/** Above what a short query takes on a busy machine. */
const DATABASE_MS = 1_000;
/** For what gives up long before the server does, however busy the machine. */
const PATIENT = { ...TIMES, requestTimeoutMs: 20_000 };

let harness: Harness;
let impatient: Store;
let router: Router | undefined;

beforeAll(async () => {
  harness = await openHarness();
  impatient = openPostgres(harness.databaseUrl, { timeoutMs: DATABASE_MS, connections: 1 });
  await keepPicture(harness.store, 'lighthouse', Buffer.from('no picture'));
});
afterEach(async () => {
  await router?.close();
  await harness.clear();
});
afterAll(async () => {
  await impatient.close();
  await harness.close();
});

/** By default the router waits far longer than the server does. */
async function behindRouter(server: FastifyInstance, firstByteMs = 20_000): Promise<string> {
  router = await startRouter({ to: await harness.listen(server), firstByteMs });
  return router.url;
}

test('the server gives up before the router does, and says on which request', async () => {
  const server = createServer(harness, TIMES);
  let reason: unknown;
  server.addHook('onRequest', async ({ signal }) => {
    signal.addEventListener('abort', () => {
      reason = signal.reason;
    });
  });
  server.get('/slow/:id', async () => await delay(PATIENCE_MS, null, { ref: false }));
  const url = await behindRouter(server);
  const reply = await fetch(`${url}/slow/7`);
  expect(reply.status).toBe(503);
  expect(await reply.json()).toEqual({
    layer: 'server',
    error: 'REQUEST_TIMEOUT',
    afterMs: TIMES.requestTimeoutMs,
    route: 'GET /slow/:id',
  });
  expect(router?.log).toEqual([{ method: 'GET', path: '/slow/7', status: 503 }]);
  // The handler's signal aborts too.
  expect(reason).toMatchObject({ code: 'FST_ERR_HANDLER_TIMEOUT' });
});

test('a server timeout above that of the router ends in an H12 that names no cause', async () => {
  const server = createServer(harness, PATIENT);
  server.get('/slow/:id', async () => await delay(PATIENCE_MS, null, { ref: false }));
  const url = await behindRouter(server, 500);
  const reply = await fetch(`${url}/slow/7`);
  expect(await reply.text()).toBe('<h1>Application error</h1>');
  expect(router?.log).toMatchObject([{ code: 'H12' }]);
});

test('a worker that does not get to it in time is named', async () => {
  const url = await harness.listen(createServer(harness, PATIENT));
  const reply = await fetch(`${url}/pictures/lighthouse?width=100`);
  expect(await reply.json()).toEqual({
    layer: 'worker',
    error: 'WORKER_TIMEOUT',
    afterMs: PATIENT.workerTimeoutMs,
    route: 'GET /pictures/:name',
  });
});

test('a database that does not answer in time is named, and serves the next request', async () => {
  const server = createServer({ ...harness, store: impatient }, PATIENT);
  server.get('/heavy', async () => await impatient.query('select pg_sleep(2)'));
  const url = await harness.listen(server);
  expect((await fetch(`${url}/campaigns`)).status).toBe(200);
  const reply = await fetch(`${url}/heavy`);
  expect(reply.headers.get('retry-after')).toBe('5');
  expect(await reply.json()).toEqual({
    layer: 'database',
    error: 'DATABASE_TIMEOUT',
    afterMs: DATABASE_MS,
    route: 'GET /heavy',
  });
  await poll('the next request to be served', PATIENCE_MS, async () =>
    (await fetch(`${url}/campaigns`)).status === 200 ? true : undefined,
  );
});

test('other failures tell the client nothing of what is inside', async () => {
  const server = createServer(harness, TIMES);
  server.get('/broken', async () => await harness.store.query('select * from no_such_table'));
  const url = await behindRouter(server);
  const reply = await fetch(`${url}/broken`);
  expect(reply.status).toBe(500);
  expect(await reply.json()).toEqual({ error: 'INTERNAL', route: 'GET /broken' });
});
