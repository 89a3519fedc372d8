import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startDrover, type Ran } from '../support/drover.ts';
import { droverHere } from '../support/drover-here.ts';
import { TestEnvironment } from '../support/test-environment.ts';

let scene: TestEnvironment;

beforeAll(async () => {
  scene = await TestEnvironment.start('blog', 'broken');
});
afterAll(async () => {
  await scene.stop();
});
beforeEach(async () => {
  await scene.reset();
  scene.platform.setQuantity('blog', 'worker', 3);
  await scene.add('mail', 450);
  await scene.add('feeds', 750);
});

function env(more: Record<string, string> = {}): Record<string, string> {
  const { HEROKU_APP_NAME: _, ...both } = scene.env;
  return {
    ...both,
    TARGET_APPS: 'my-app,blog',
    BLOG_QUEUES: 'feeds',
    SCHEDULE: '* * * * * *',
    MIN_WORKERS: '0',
    ...more,
  };
}

const cli = async (args: readonly string[], more?: Record<string, string>): Promise<Ran> =>
  await droverHere(args, env(more));
const quantities = (): number[] => ['my-app', 'blog'].map((app) => scene.platform.quantity(app, 'worker'));
/** Nothing answers there. */
const DEAD = 'redis://127.0.0.1:1';

describe('run', () => {
  test('what fails of one app neither holds nor delays another', async () => {
    scene.platform.intercept(({ path }) => (path.startsWith('/apps/slow/') ? { hang: true } : 'pass'));
    await scene.redis.hset('bull:odd:meta', 'version', 'bullmq:6');
    await scene.redis.set('bull:odd:wait', 'no list');
    const faults = {
      TARGET_APPS: 'my-app,gone,slow,none,broken,blog',
      MY_APP_HEROKU_API_KEY: 'HRKU-refused-everywhere',
      GONE_REDIS_URL: DEAD,
      BROKEN_QUEUES: 'odd',
    };
    const running = startDrover(['run'], { env: env(faults) });
    await expect.poll(quantities).toEqual([3, 8]);
    // So the loop goes on after its first tick.
    await scene.add('feeds', 300);
    await expect.poll(quantities).toEqual([3, 11]);
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(await scene.redis.keys('drover:*:lease')).toEqual([]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { app?: string; msg: string; code?: string });
    const failures = lines.map(({ app, code: its }) => its && `${app} ${its}`);
    expect(failures).toContain('my-app HEROKU_UNAUTHORIZED');
    expect(failures).toContain('gone REDIS_UNREACHABLE');
    expect(failures).toContain('none HEROKU_APP_MISSING');
    expect(failures).toContain('broken QUEUE_UNREADABLE');
    expect(failures.join()).not.toContain('blog');
    const asked = scene.platform.requests.map(({ path }) => path.split('/')[2]);
    expect(asked).toContain('slow');
    expect(lines.map(({ msg }) => msg).join('\n')).toContain('blog: worker: set to 8');
  });
});

describe('commands', () => {
  test('answer for each app, or for the one of --app as for a single one', async () => {
    const once = await cli(['run', '--once']);
    expect([once.code, once.stdout.match(/^=== .*|set to \d+/gm)]).toEqual([
      0,
      ['=== my-app', 'set to 5', '=== blog', 'set to 8'],
    ]);
    expect(quantities()).toEqual([5, 8]);
    expect((await cli(['status'])).stdout).toMatch(
      /^=== my-app\nmy-app: last tick [^]*\n\n=== blog\nblog: last tick /,
    );
    expect((await cli(['status', '--app', 'blog'])).stdout).toMatch(/^blog: last tick /);
    expect(JSON.parse((await cli(['plan', '--json'])).stdout)).toMatchObject({
      apps: {
        'my-app': { processTypes: [{ processType: 'worker', decision: { to: 5 } }] },
        blog: { processTypes: [{ decision: { to: 8 } }] },
      },
    });
  });

  test('refuse an app that is not in the settings', async () => {
    const { code, stderr } = await cli(['status', '--app', 'blgo']);
    expect([code, stderr]).toEqual([
      2,
      'drover: invalid setting\n  --app must be one of the apps in the settings (my-app, blog), got "blgo"\n',
    ]);
  });

  test('pause one app or all', async () => {
    expect((await cli(['pause', '--app', 'blog'])).stdout).toMatch(/^blog: scaling is paused [^\n]*\n$/);
    expect((await cli(['run', '--once'])).stdout).toMatch(/set to 5[^]*=== blog\n.*paused/);
    expect(quantities()).toEqual([5, 3]);
    expect((await cli(['resume'])).stdout).toBe(
      'my-app was not paused\nblog: scaling resumes at the next tick\n',
    );
  });

  test('report a Redis that fails beside the app that does not', async () => {
    await cli(['run', '--once']);
    const { code, stdout } = await cli(['status'], { MY_APP_REDIS_URL: DEAD });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^=== my-app\nRedis cannot be reached[^]*MY_APP_REDIS_URL[^]*=== blog\nblog: last tick /,
    );
    const json = await cli(['plan', '--json'], { BLOG_REDIS_URL: DEAD });
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([
      1,
      {
        apps: {
          'my-app': { processTypes: [{ decision: { to: 5 } }] },
          blog: { processTypes: [{ failure: { code: 'REDIS_UNREACHABLE' } }] },
        },
      },
    ]);
  });

  test('check each app, and fail if one fails', async () => {
    const right = await cli(['check']);
    expect([right.code, right.stdout]).toEqual([
      0,
      expect.stringMatching(/^=== my-app\n[^]*✓ queue mail[^]*\n\n=== blog\n[^]*✓ queue feeds/),
    ]);
    const wrong = await cli(['check'], { BLOG_QUEUES: 'feed' });
    expect([wrong.code, wrong.stdout]).toEqual([
      1,
      expect.stringMatching(/=== my-app\n[^]*Ready to run[^]*=== blog\n[^]*✗ queue feed/),
    ]);
    expect((await cli(['check', '--app', 'my-app'], { BLOG_QUEUES: 'feed' })).code).toBe(0);
  });

  test('report each app, as text, as JSON, and one of them as a page', async () => {
    const text = await cli(['report', '--since', '1h']);
    expect(text.stdout).toMatch(
      /^=== my-app\nNo tick recorded yet\.[^\n]*\n\n=== blog\nNo tick recorded yet\./,
    );
    const json = await cli(['report', '--json', '--app', 'blog']);
    expect(JSON.parse(json.stdout)).toMatchObject({ appName: 'blog', seenMinutes: 0 });
    const both = await cli(['report', '--json']);
    expect(JSON.parse(both.stdout)).toMatchObject({ apps: { 'my-app': { appName: 'my-app' }, blog: {} } });
    const page = await cli(['report', '--html', '/nowhere/report.html']);
    expect([page.code, page.stderr]).toEqual([
      2,
      expect.stringContaining('--html writes the page of one app: choose it with --app'),
    ]);
  });

  test('forget the beliefs of one app or of all', async () => {
    const kept = async (): Promise<number> => await scene.redis.exists('drover:{my-app}:forget');
    expect((await cli(['forget', 'boot', '--app', 'blog'])).stdout).toBe(
      'blog: boot will be forgotten at the next tick\n',
    );
    expect(await kept()).toBe(0);
    expect((await cli(['forget', 'boot', '--yes'])).stdout).toBe(
      'my-app: boot will be forgotten at the next tick\nblog: boot will be forgotten at the next tick\n',
    );
    expect(await kept()).toBe(1);
  });

  describe('notify', () => {
    const texts: string[] = [];
    let server: Server;
    let url: string;
    beforeAll(async () => {
      server = createServer((request, response) => {
        request.setEncoding('utf8').on('data', (chunk: string) => texts.push(chunk));
        request.on('end', () => response.end());
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    });
    afterAll(() => {
      server.close();
    });

    test('sends a test message for each app, or for one', async () => {
      expect((await cli(['notify', '--test'], { NOTIFY_URL: url })).code).toBe(0);
      expect(texts.splice(0).toSorted()).toEqual([
        expect.stringContaining('blog'),
        expect.stringContaining('my-app'),
      ]);
      const one = await cli(['notify', '--test', '--app', 'blog'], { BLOG_NOTIFY_URL: url });
      expect([one.code, texts.splice(0)]).toEqual([0, [expect.stringContaining('blog')]]);
    });

    test('names the app without an address', async () => {
      const { code, stderr } = await cli(['notify', '--test'], { BLOG_NOTIFY_URL: url });
      expect([code, stderr]).toEqual([2, expect.stringContaining('NOTIFY_URL is not set for my-app')]);
    });
  });
});
