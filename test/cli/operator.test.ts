import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { connectRedis } from '../../src/adapters/redis/connect.ts';
import { redisJournal } from '../../src/adapters/redis/journal.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import { nextStatus, type Status } from '../../src/journal/status.ts';
import { drover, startDrover, type Ran } from '../support/drover.ts';
import { journalDay } from '../support/journal-day.ts';
import { TestEnvironment } from '../support/test-environment.ts';

const TOKEN = 'dashboard-s3cret-token';
const TICK_MS = 30_000;

let scene: TestEnvironment;

beforeAll(async () => {
  scene = await TestEnvironment.start();
});
afterAll(async () => {
  await scene.stop();
});
beforeEach(async () => {
  await scene.reset();
});

const call = async (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  await drover(args, { env: { ...scene.env, ...env }, secrets: scene.secrets });
const quantity = (type = 'worker'): number => scene.platform.quantity(scene.app, type);

type Naming = (processType: string) => string;
const AS_THEY_ARE: Naming = (processType) => processType;

let past: Promise<(readonly [key: string, value: Buffer])[]> | undefined;

/** Three hours until now, as the clock would have left them: it takes a while, so it is done once. */
async function recordPast(nameOf = AS_THEY_ARE): Promise<void> {
  if (nameOf !== AS_THEY_ARE) return await writePast(nameOf, 21);
  past ??= dumped(writePast(AS_THEY_ARE, 361));
  for (const [key, value] of await past) await scene.redis.restore(key, 3_600_000, value, 'REPLACE');
}

async function dumped(written: Promise<void>): Promise<(readonly [key: string, value: Buffer])[]> {
  await written;
  const found = await scene.redis.keys('drover:*');
  return await Promise.all(found.map(async (key) => [key, await scene.redis.dumpBuffer(key)] as const));
}

async function writePast(nameOf: Naming, ticks: number): Promise<void> {
  const connection = connectRedis(scene.redisUrl, { tlsVerify: true });
  const journal = redisJournal(connection, stateKeys(scene.app));
  const { signal } = new AbortController();
  const now = Math.floor(Date.now() / TICK_MS) * TICK_MS;
  let status: Status | undefined;
  const from = now - (ticks - 1) * TICK_MS;
  for (const entry of journalDay({ from, ticks, tickMs: TICK_MS, burstEveryMs: 3_600_000 })) {
    const types = entry.types.map((type) => ({ ...type, processType: nameOf(type.processType) }));
    const named = { ...entry, types };
    const next = nextStatus(status, named, { appName: scene.app, timeZone: 'UTC' });
    status = next.status;
    await journal.record({ ...named, bursts: next.bursts }, { status, alarms: {} }, signal);
  }
  connection.close();
}

function longest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

describe('without a token of Heroku', () => {
  // An empty variable counts as unset.
  const env = (): Record<string, string> => ({ ...scene.env, HEROKU_API_KEY: '' });

  test.each([
    { args: ['status'], code: 1 },
    { args: ['report'], code: 0 },
    { args: ['pause', '--for', '1m'], code: 0 },
    { args: ['resume'], code: 0 },
    { args: ['notify', '--test'], code: 2 },
  ])('$args.0 does not ask for one', async ({ args, code }) => {
    const ran = await call(args, env());
    expect([ran.code, ran.stderr]).toEqual([code, expect.not.stringContaining('HEROKU_API_KEY')]);
  });

  test.each([[['run', '--once']], [['plan']], [['check']]])('%s asks for one', async (args) => {
    const ran = await call(args, env());
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('HEROKU_API_KEY is required')]);
  });

  test('serve answers', async () => {
    const running = startDrover(['serve'], { env: { ...env(), HOST: '127.0.0.1', PORT: '0' } });
    await expect.poll(() => running.printed.stdout, { timeout: 15_000 }).toContain('dashboard at ');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });
});

describe('status and report', () => {
  test('before the first tick status and report say so, and status exits with 1', async () => {
    const status = await call(['status']);
    expect([status.code, status.stdout]).toEqual([1, expect.stringContaining('No tick recorded yet')]);
    const report = await call(['report']);
    expect([report.code, report.stdout]).toEqual([0, expect.stringContaining('No history of that period')]);
  });

  test('status shows the last tick of every process type', async () => {
    await scene.add('mail', 700);
    await scene.add('bulk', 20);
    const env = { PROCESS_TYPES: 'worker,mailer', MAILER_QUEUES: 'bulk', MIN_WORKERS: '0' };
    expect((await call(['run', '--once'], env)).code).toBe(0);
    const { code, stdout } = await call(['status'], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/my-app: last tick \d+ s ago/);
    expect(stdout).toMatch(/worker: 7 dynos \(4 starting\) of Standard-1X, limits 0 to 50; target 7/);
    expect(stdout).toMatch(/mail +700 +0 /);
    expect(stdout).toMatch(/mailer: 1 dyno of Standard-1X, limits 0 to 50/);
    expect(stdout).toMatch(/bulk +20 +0 /);
    expect(stdout).toMatch(/Heroku: 4,\d+ API requests left/);
    const json = JSON.parse((await call(['status', '--json'], env)).stdout) as {
      status: { types: unknown[] };
      health: unknown;
    };
    expect(json.health).toEqual({ ok: true, words: 'ok' });
    expect(json.status.types).toHaveLength(2);
  });

  test('a process type that cannot be read does not stop the other', async () => {
    await scene.add('mail', 700);
    const env = { PROCESS_TYPES: 'worker,typo', TYPO_QUEUES: 'mail', MIN_WORKERS: '0' };
    expect((await call(['run', '--once'], env)).code).toBe(1);
    expect(quantity()).toBe(7);
    const { stdout } = await call(['status'], env);
    expect(stdout).toContain('worker: 7 dynos');
    expect(stdout).toContain('typo: unreadable for 1 tick:');
  });

  test('report shows cost, savings and each burst, in 80 columns', async () => {
    await recordPast();
    const { code, stdout } = await call(['report', '--since', '3h']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/worker \(Standard-1X\): [\d,]+ jobs added/);
    expect(stdout).toMatch(/fixed maximum +20 +\d+\.\d +\$\d+\.\d\d +\$\d+\.\d\d/);
    expect(stdout).toMatch(/best fixed +\d+ /);
    expect(stdout).toMatch(/median .* p95 .* p99 .* max /);
    expect(stdout).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d +8,\d{3} +[78],\d{3} +2 → 20 .* 2 min(?: 10 s)?$/m);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
    expect(longest((await call(['status'])).stdout)).toBeLessThanOrEqual(80);
  });

  test('report as JSON and as a page', async () => {
    await recordPast();
    const folder = await mkdtemp(join(tmpdir(), 'drover-'));
    const file = join(folder, 'report.html');
    const { stdout } = await call(['report', '--since', '2h', '--json', '--html', file]);
    const json = JSON.parse(stdout) as {
      types: { processType: string; bursts: unknown[]; fixedMax: { savedUsd: number } }[];
    };
    expect(json.types.map(({ processType }) => processType).toSorted()).toEqual([
      'mailer',
      'reports',
      'worker',
    ]);
    expect(json.types.every(({ fixedMax }) => fixedMax.savedUsd > 0)).toBe(true);
    expect(await readFile(file, 'utf8')).toContain('<td>fixed maximum</td>');
    const refused = await call(['report', '--html', join(folder, 'none', 'report.html')]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/^error: cannot write .*report\.html \(ENOENT\)\n$/),
    ]);
    await rm(folder, { recursive: true });
  });

  test('simulate plays what was recorded, under the settings of its process type', async () => {
    const nothing = await call(['simulate', '--history']);
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('no history of that period')]);
    await recordPast();
    const several = await call(['simulate', '--history', '--since', '3h']);
    expect([several.code, several.stderr]).toEqual([
      1,
      expect.stringContaining('--process-type worker or mailer'),
    ]);
    const args = ['simulate', '--history', '--since', '3h', '--process-type', 'mailer'];
    const env = { MAX_WAIT_SECONDS: '90', MAILER_MAX_WAIT_SECONDS: '45' };
    const { code, stdout } = await call(args, env);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^mailer as recorded: [\d,]+ jobs in [\w ]+, concurrency\s+10,\s+boots\s+of\s+20\s+to\s+40\s+s,\s+late\s+after\s+45\s+s$/m,
    );
    expect(stdout).toMatch(/^Actual usage: \d+\.\d dyno-hours\. Rebuilt from counts/m);
    expect(stdout).toMatch(/^Drover .*\d %/m);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
  });

  test('hostile names in the journal neither control the terminal nor forge a line', async () => {
    await recordPast((processType) => `\u001B[2J${processType}\ndrover: all is well`);
    for (const args of [['simulate', '--history'], ['status'], ['report']]) {
      const { stdout, stderr } = await call(args);
      expect(`${stdout}${stderr}`).toContain(String.raw`\u001b[2J`);
      expect(`${stdout}${stderr}`).not.toContain('\u001B');
      expect(`${stdout}${stderr}`).not.toMatch(/^drover: all is well/m);
    }
  });

  test.each(['7', '31d', 'week', '-1h'])('report --since %s is refused', async (since) => {
    expect((await call(['report', `--since=${since}`])).code).toBe(2);
  });
});

describe('beliefs', () => {
  test('status lists a belief, and forget drops it at the next tick', async () => {
    const env = { MIN_WORKERS: '0', SCALE_DOWN_DELAY_SECONDS: '0' };
    await scene.add('mail', 300);
    await call(['run', '--once'], env);
    scene.platform.setQuantity(scene.app, 'worker', 0);
    await scene.add('mail', 400);
    expect((await call(['run', '--once'], env)).stdout).toContain('autoscaling suspended');
    const { stdout } = await call(['status'], env);
    expect(stdout).toMatch(/^beliefs:$/m);
    expect(stdout).toMatch(/^ {2}manual: worker: scaled to 0 manually \(since \d+ s; when it is above 0\)$/m);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
    expect((await call(['forget', 'manual'])).stdout).toBe(
      'my-app: manual will be forgotten at the next tick\n',
    );
    await call(['run', '--once'], env);
    expect(quantity()).toBe(7);
    expect((await call(['status'], env)).stdout).not.toContain('manually');
  });

  test('forget refuses an unknown kind and lists the known ones', async () => {
    const { code, stderr } = await call(['forget', 'everything']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('manual, limit, boot, concurrency')]);
  });
});

describe('pause and resume', () => {
  test('pause holds the quantity across processes until resume', async () => {
    await scene.add('mail', 700);
    expect((await call(['resume'])).stdout).toBe('my-app was not paused\n');
    expect((await call(['pause', '--for', '30m'])).stdout).toContain('my-app: scaling is paused until 20');
    const held = await call(['run', '--once']);
    expect(held.stdout).toContain('held at 3: paused by the command line until');
    expect(quantity()).toBe(3);
    expect((await call(['status'])).stdout).toContain('PAUSED by the command line');
    await call(['resume']);
    await call(['run', '--once']);
    expect(quantity()).toBe(7);
  });
});

describe('maintenance mode', () => {
  test('holds a real run until it is over, and the plan says so', async () => {
    await scene.add('mail', 700);
    scene.platform.setMaintenance(scene.app, true);
    const held = await call(['run', '--once']);
    expect([held.code, held.stdout]).toEqual([
      0,
      expect.stringContaining('held at 3: the app is in maintenance mode'),
    ]);
    expect((await call(['plan'])).stdout).toContain('the app is in maintenance mode');
    scene.platform.setMaintenance(scene.app, false);
    await call(['run', '--once']);
    expect(quantity()).toBe(7);
  });
});

describe('serve and run', () => {
  test('serve shows what the clock wrote, ends on SIGTERM, and wants a token where it can be reached', async () => {
    const refused = await call(['serve'], { PORT: '0' });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('DASHBOARD_TOKEN')]);

    await scene.add('mail', 10);
    await call(['run', '--once']);
    const running = startDrover(['serve'], {
      env: { ...scene.env, PORT: '0', HOST: '127.0.0.1', DASHBOARD_TOKEN: TOKEN },
      secrets: [...scene.secrets, TOKEN],
    });
    await expect.poll(() => running.printed.stdout).toContain('dashboard at ');
    const [, url = ''] = /dashboard at (http:[^"]+)"/.exec(running.printed.stdout) ?? [];
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const metrics = await (
      await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
    ).text();
    expect(metrics).toContain('drover_jobs_ready{process_type="worker"} 10');
    expect((await fetch(`${url}/assets/uplot.js`)).status).toBe(200);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });

  test('serve on a dyno counts guesses by client, logs them without the guess, and keeps off plain http', async () => {
    const running = startDrover(['serve'], {
      env: { ...scene.env, DYNO: 'web.1', PORT: '0', DASHBOARD_TOKEN: TOKEN },
      secrets: [...scene.secrets, TOKEN, 'guessed-t0ken'],
    });
    await expect.poll(() => running.printed.stdout, { timeout: 10_000 }).toContain('dashboard at ');
    const [, port = ''] = /dashboard at http:[^"]+:(\d+)"/.exec(running.printed.stdout) ?? [];
    const status = async (address: string, token: string, proto = 'https'): Promise<number> => {
      const headers = {
        authorization: `Bearer ${token}`,
        'x-forwarded-for': `10.0.0.1, ${address}`,
        'x-forwarded-proto': proto,
      };
      return (await fetch(`http://127.0.0.1:${port}/metrics`, { headers, redirect: 'manual' })).status;
    };
    for (let i = 0; i < 20; i += 1) expect(await status('203.0.113.7', `guessed-t0ken-${i}`)).toBe(401);
    expect(await status('203.0.113.7', TOKEN)).toBe(429);
    expect(await status('198.51.100.2', TOKEN)).toBe(200);
    expect(await status('198.51.100.2', TOKEN, 'http')).toBe(307);
    const lines = running.printed.stdout.split('\n').filter((line) => line.includes('wrong dashboard token'));
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'dashboard: wrong dashboard token from 203.0.113.7',
      'dashboard: 20 wrong dashboard tokens from 203.0.113.7: refusing it until the minute ends',
    ]);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });

  test.each([
    {
      name: 'a port in use',
      own: (port: number) => ({ PORT: String(port) }),
      says: /^ {2}PORT is \d+, which another process listens on/m,
    },
    { name: 'an unknown host', own: () => ({ HOST: 'no-such.invalid' }), says: /^ {2}HOST is "no-such/m },
  ])('$name exits with 2 from serve and from run', async ({ own, says }) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      const env = { PORT: '0', HOST: '127.0.0.1', DASHBOARD: 'true', DASHBOARD_TOKEN: TOKEN, ...own(port) };
      for (const command of ['serve', 'run']) {
        const refused = await call([command], env);
        expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(says)]);
      }
      expect(await scene.redis.exists('drover:{my-app}:lease')).toBe(0);
    } finally {
      taken.close();
    }
  });

  test('run with DASHBOARD serves its own state, though Redis is gone', async () => {
    const running = startDrover(['run'], {
      env: {
        ...scene.env,
        SCHEDULE: '* * * * * *',
        DASHBOARD: 'true',
        PORT: '0',
        HOST: '127.0.0.1',
        REDIS_URL: 'redis://127.0.0.1:1',
      },
      secrets: scene.secrets,
    });
    await expect.poll(() => running.printed.stdout).toContain('dashboard at ');
    const [, url = ''] = /dashboard at (http:[^"]+)"/.exec(running.printed.stdout) ?? [];
    const health = async (): Promise<string> => await (await fetch(`${url}/healthz`)).text();
    await expect.poll(health).toBe('{"error":"no decision for 3 ticks"}');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });

  test('a dry run keeps its journal to itself, and shows it all the same', async () => {
    await scene.add('mail', 700);
    const running = startDrover(['run', '--dry-run'], {
      env: { ...scene.env, SCHEDULE: '* * * * * *', DASHBOARD: 'true', PORT: '0', HOST: '127.0.0.1' },
      secrets: scene.secrets,
    });
    await expect.poll(() => running.printed.stdout).toContain('dashboard at ');
    const [, url = ''] = /dashboard at (http:[^"]+)"/.exec(running.printed.stdout) ?? [];
    await expect.poll(async () => await (await fetch(`${url}/status`)).text()).toContain('"to":7');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect(await scene.redis.keys('drover:*')).toEqual([]);
  });
});

describe('samples', () => {
  test('are plain lines between those of the log, where asked for', async () => {
    await scene.add('mail', 12);
    const running = startDrover(['run'], {
      env: { ...scene.env, SCHEDULE: '* * * * * *', LOG_SAMPLES: 'true' },
      secrets: scene.secrets,
    });
    await expect
      .poll(() => running.printed.stdout)
      .toMatch(/^source=my-app measure#drover\.tick=\d+ms .*sample#drover\.worker\.ready=12 /m);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });
});

describe('notices', () => {
  test('a test message arrives, and trouble is told by the clock itself', async () => {
    const texts: string[] = [];
    const server = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => texts.push(chunk));
      request.on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3cret-hook`;
    const sent = await call(['notify', '--test'], { NOTIFY_URL: url });
    expect([sent.code, sent.stdout]).toEqual([0, 'Test message sent. Check that it arrived.\n']);
    expect(texts[0]).toContain('this is a test');

    const running = startDrover(['run'], {
      env: { ...scene.env, SCHEDULE: '* * * * * *', NOTIFY_URL: url, QUEUES: 'typo' },
      secrets: [...scene.secrets, 's3cret-hook'],
    });
    await expect.poll(() => texts.length).toBe(2);
    expect(texts[1]).toContain('"kind":"blind"');
    running.child.kill('SIGTERM');
    await running.ended;
    await new Promise((resolve) => server.close(resolve));
  });

  test('notify without NOTIFY_URL exits with 2', async () => {
    const { code, stderr } = await call(['notify', '--test']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('NOTIFY_URL is not set')]);
  });

  test('a failed test message does not print the address', async () => {
    const url = 'http://127.0.0.1:1/s3cret-hook';
    const ran = await drover(['notify', '--test'], {
      env: { ...scene.env, NOTIFY_URL: url },
      secrets: [url, 's3cret-hook'],
    });
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('failed to send a notification')]);
  });
});
