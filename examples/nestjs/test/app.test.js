import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { Queue } from 'bullmq';
import { startRedisServer } from 'drover/standin';
import { Redis } from 'ioredis';

/** How long a test waits for what has to happen at all. */
const PATIENCE_MS = 60_000;

let server;
let redis;
let queue;
const running = new Set();

before(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  queue = new Queue('mail', { connection: redis });
});
after(async () => {
  for (const child of running) child.kill('SIGKILL');
  await queue?.close();
  redis?.disconnect();
  await server?.stop();
});

/** A process of the Procfile, as a dyno runs it. */
async function start(type, env) {
  const procfile = await readFile('Procfile', 'utf8');
  const [, file] = new RegExp(`^${type}: node (.+)$`, 'm').exec(procfile);
  const child = spawn(process.execPath, [file], {
    env: {
      PATH: process.env.PATH,
      REDIS_URL: server.url,
      HEROKU_APP_NAME: 'shop',
      DYNO: `${type}.1`,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function until(what, holds) {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `${what}: not within ${PATIENCE_MS} ms`);
    await delay(20);
  }
}

async function freePort() {
  const listening = createServer().listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address();
  listening.close();
  await once(listening, 'close');
  return port;
}

void test(
  'a request becomes a job, and the worker reports to Drover',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    const port = await freePort();
    const web = await start('web', { HOST: '127.0.0.1', PORT: String(port) });
    await start('worker');
    const send = async () =>
      await fetch(`http://127.0.0.1:${port}/mails`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ to: 'ada@example.com' }),
      }).catch(() => undefined);
    await until('the web process to answer', async () => (await send())?.status === 202);
    await until('the job to be done', async () => (await queue.getCompletedCount()) >= 1);
    const key = 'drover:{shop}:crew:worker:reports';
    await until('a report', async () => (await redis.hlen(key)) === 1);
    const [report] = await redis.hvals(key);
    assert.match(report, /"dyno":"worker\.1"/);
    assert.match(report, /"concurrency":5/);
    web.kill('SIGTERM');
    await once(web, 'exit');
  },
);

void test('a worker that gets SIGTERM finishes its job', { timeout: 2 * PATIENCE_MS }, async () => {
  const [worker] = running;
  const doneBefore = await queue.getCompletedCount();
  await queue.add('send', { to: 'grace@example.com' });
  await until('the job to run', async () => (await queue.getActiveCount()) === 1);
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  assert.equal(await queue.getCompletedCount(), doneBefore + 1);
  assert.equal(await queue.getActiveCount(), 0);
});
