import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { drover, startDrover, type Ran } from '../support/drover.ts';
import { TestEnvironment } from '../support/test-environment.ts';

let scene: TestEnvironment;

beforeAll(async () => {
  scene = await TestEnvironment.start('blog');
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
  await drover(args, { env: env(more) });
const quantities = (): number[] => ['my-app', 'blog'].map((app) => scene.platform.quantity(app, 'worker'));
/** Nothing answers there. */
const DEAD = 'redis://127.0.0.1:1';

describe('run', () => {
  test('a refused token, a Redis that is gone and requests that hang neither hold nor delay another app', async () => {
    scene.platform.intercept(({ path }) => (path.startsWith('/apps/slow/') ? { hang: true } : 'pass'));
    const faults = {
      TARGET_APPS: 'my-app,gone,slow,blog',
      MY_APP_HEROKU_API_KEY: 'HRKU-refused-everywhere',
      GONE_REDIS_URL: DEAD,
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
    const [both, blog, json, wrong] = await Promise.all([
      cli(['status']),
      cli(['status', '--app', 'blog']),
      cli(['plan', '--json']),
      cli(['status', '--app', 'blgo']),
    ]);
    expect(both.stdout).toMatch(/^=== my-app\nmy-app: last tick [^]*\n\n=== blog\nblog: last tick /);
    expect(blog.stdout).toMatch(/^blog: last tick /);
    expect(JSON.parse(json.stdout)).toMatchObject({
      apps: {
        'my-app': { processTypes: [{ processType: 'worker', decision: { to: 5 } }] },
        blog: { processTypes: [{ decision: { to: 8 } }] },
      },
    });
    expect([wrong.code, wrong.stderr]).toEqual([
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
  });
});
