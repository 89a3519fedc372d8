import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync } from 'node:zlib';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { startDrover, type Ran } from './support/drover.ts';
import { TestEnvironment } from './support/test-environment.ts';

/*
 * Secrets are planted in every place they can come from; then everything that can be seen of Drover is searched for
 * them, as they are, as URLs write them, and in base64.
 */
const DASHBOARD_TOKEN = 'dashboard-pl4nted-token';
const HOOK = 'hook-pl4nted-path';
const STATE_PASSWORD = 'redis-s3cret-password';

let scene: TestEnvironment;
let hook: Server;
let hookStatus = 200;
let seen: string[];

beforeAll(async () => {
  scene = await TestEnvironment.start();
  hook = createServer((request, response) => {
    request.resume();
    response.writeHead(hookStatus).end(`no: ${HOOK}`);
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await scene.stop();
  await new Promise((resolve) => hook.close(resolve));
});
beforeEach(async () => {
  await scene.reset();
  hookStatus = 200;
  seen = [];
});

const secrets = (): string[] => [scene.token, scene.password, STATE_PASSWORD, DASHBOARD_TOKEN, HOOK];

function environment(more: Record<string, string> = {}): Record<string, string> {
  return {
    ...scene.env,
    SCHEDULE: '* * * * * *',
    HOST: '127.0.0.1',
    PORT: '0',
    DASHBOARD_TOKEN,
    NOTIFY_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/services/${HOOK}`,
    STATE_REDIS_URL: scene.redisUrl,
    LOG_LEVEL: 'trace',
    ...more,
  };
}

/** The secrets that are in anything that was seen. Fails when too little was seen to tell. */
function search(least: number): string[] {
  const all = seen.join('\n');
  expect(all.length).toBeGreaterThan(least);
  return secrets().filter((secret) =>
    [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(`:${secret}`).toString('base64').replace(/=+$/, ''),
    ].some((form) => all.includes(form)),
  );
}

async function end(running: ReturnType<typeof startDrover>): Promise<Ran> {
  const ran = await running.ended;
  seen.push(ran.stdout, ran.stderr);
  return ran;
}

test('the search finds what is there, in each of its forms', () => {
  for (const secret of secrets()) {
    for (const form of [secret, Buffer.from(`:${secret}`).toString('base64')]) {
      seen = ['something else', form];
      expect(search(0)).toContain(secret);
    }
  }
});

const COMMANDS = [
  ['run', '--once'],
  ['plan'],
  ['plan', '--json'],
  ['check'],
  ['status', '--json'],
  ['report', '--json'],
  ['pause', '--for', '1m'],
  ['resume'],
  ['notify', '--test'],
  ['simulate', '--workload', 'bursts', '--hours', '0.2', '--json'],
];

const SITUATIONS: { name: string; env: () => Record<string, string>; before?: () => void }[] = [
  { name: 'all is well', env: () => ({}) },
  { name: 'the token is refused', env: () => ({ HEROKU_API_KEY: `${scene.token}-x` }) },
  {
    name: 'Heroku answers with the token in its text',
    env: () => ({}),
    before: () =>
      scene.platform.intercept(({ headers }) => ({
        status: 422,
        body: { id: 'invalid_params', message: `no: ${headers.authorization}` },
      })),
  },
  { name: 'Heroku cannot be reached', env: () => ({ HEROKU_API_URL: 'http://127.0.0.1:1' }) },
  {
    name: 'the password of Redis is wrong',
    env: () => ({
      REDIS_URL: scene.redisUrl.replace(scene.password, `${STATE_PASSWORD}-x`),
      STATE_REDIS_URL: scene.redisUrl.replace(scene.password, `${STATE_PASSWORD}-x`),
    }),
  },
  {
    name: 'Redis cannot be reached',
    env: () => ({
      REDIS_URL: `redis://:${STATE_PASSWORD}@127.0.0.1:1`,
      STATE_REDIS_URL: `redis://:${STATE_PASSWORD}@127.0.0.1:1`,
    }),
  },
  { name: 'Redis speaks no TLS', env: () => ({ REDIS_URL: scene.redisUrl.replace('redis:', 'rediss:') }) },
  { name: 'the webhook refuses', env: () => ({}), before: () => (hookStatus = 500) },
  {
    name: 'settings are wrong, secrets among them',
    env: () => ({
      REDIS_URL: `http://:${STATE_PASSWORD}@h`,
      HEROKU_API_KEY: `${scene.token} `,
      DASHBOARD_TOKEN: `${DASHBOARD_TOKEN}\u0007`,
      NOTIFY_URL: `ftp://${HOOK}`,
      MIN_WORKERS: 'x',
    }),
  },
];

test.each(SITUATIONS)('nothing shows a secret when $name', async ({ env, before }) => {
  await scene.add('mail', 700);
  before?.();
  // Several at a time: each is a process of its own.
  for (let i = 0; i < COMMANDS.length; i += 4) {
    await Promise.all(
      COMMANDS.slice(i, i + 4).map(async (args) => await end(startDrover(args, { env: environment(env()) }))),
    );
  }
  expect(search(1500)).toEqual([]);
});

test('nor does what is served, kept, or listed of a clock that runs', async () => {
  await scene.add('mail', 700);
  const running = startDrover(['run'], { env: environment({ DASHBOARD: 'true' }) });
  await expect.poll(() => running.printed.stdout).toContain('dashboard at ');
  const [, url = ''] = /dashboard at (http:[^"]+)"/.exec(running.printed.stdout) ?? [];
  await expect.poll(async () => await scene.redis.exists('drover:{my-app}:status')).toBe(1);

  seen.push(execFileSync('ps', ['-o', 'command=', '-p', String(running.child.pid)], { encoding: 'utf8' }));
  const paths = [
    '/',
    '/login',
    '/status',
    '/metrics',
    '/healthz',
    '/history?range=day',
    '/assets/app.js',
    '/nothing',
  ];
  for (const authorization of [`Bearer ${DASHBOARD_TOKEN}`, `Bearer ${DASHBOARD_TOKEN}-x`]) {
    for (const path of paths) {
      const answer = await fetch(url + path, { headers: { authorization }, redirect: 'manual' });
      seen.push(JSON.stringify([...answer.headers]), await answer.text());
    }
  }
  const login = await fetch(`${url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url, 'content-type': 'application/x-www-form-urlencoded' },
    body: `token=${DASHBOARD_TOKEN}`,
  });
  expect(login.headers.get('set-cookie')).toContain('HttpOnly');
  seen.push(JSON.stringify([...login.headers]), await login.text());

  const keys = await scene.redis.keys('drover:*');
  expect(keys.length).toBeGreaterThan(4);
  for (const key of keys) seen.push(key, (await valueOf(key)).toString('latin1'));
  running.child.kill('SIGTERM');
  await end(running);
  expect(search(30_000)).toEqual([]);
});

/** What a key holds, unpacked where it is packed. */
async function valueOf(key: string): Promise<Buffer> {
  const type = await scene.redis.type(key);
  if (type === 'stream') {
    const rows = await scene.redis.xrangeBuffer(key, '-', '+');
    return Buffer.concat(rows.flatMap(([, fields]) => fields.map(unpacked)));
  }
  expect(type).toBe('string');
  return unpacked((await scene.redis.getBuffer(key)) ?? Buffer.alloc(0));
}

function unpacked(bytes: Buffer): Buffer {
  try {
    return brotliDecompressSync(bytes);
  } catch {
    return bytes;
  }
}
