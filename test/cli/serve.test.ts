import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import { startDrover } from '../support/drover.ts';
import { testEnvironment } from '../support/test-environment-hooks.ts';

const scene = await testEnvironment();

const TOKEN = 'dashboard-s3cret-token';

describe('serve and run', () => {
  test('serve shows what the clock wrote, ends on SIGTERM, and wants a token where it can be reached', async () => {
    const refused = await scene.drover(['serve'], { PORT: '0' });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('DASHBOARD_TOKEN')]);

    await scene.add('mail', 10);
    await scene.drover(['run', '--once']);
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
        const refused = await scene.drover([command], env);
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
