import { describe, expect, test } from 'vitest';

import { drover, type Ran } from '../support/drover.ts';
import { testEnvironment } from '../support/test-environment-hooks.ts';

const scene = await testEnvironment();

const plan = async (env: Record<string, string> = {}, ...args: string[]): Promise<Ran> =>
  await drover(['plan', ...args], { env: { ...scene.env, ...env }, secrets: scene.secrets });

function unchanged(): void {
  expect(scene.platform.quantity(scene.app, 'worker')).toBe(3);
  expect(scene.platform.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
}

test('shows the queues, the steps and the verdict, and writes nothing', async () => {
  await scene.add('mail', 1240);
  const seen = await plan();
  expect(seen).toMatchObject({ code: 0, stderr: '' });
  expect(seen.stdout).toContain('worker on my-app: 3 dynos of size Standard-1X');
  expect(seen.stdout).toMatch(/^mail +1,240 /m);
  expect(seen.stdout).toMatch(/^sizing +13 +100 jobs per dyno$/m);
  expect(seen.stdout).toContain('Would set worker to 13: 1,240 jobs need 13 dynos: 3 → 13.');
  expect(Math.max(...seen.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(await scene.redis.keys('drover:*')).toEqual([]);
  unchanged();
});

test('the bounds say which window of LIMITS is open', async () => {
  await scene.add('mail', 1240);
  const seen = await plan({ LIMITS: 'mon-sun = 5-10', TIME_ZONE: 'Europe/Berlin' });
  expect(seen.stdout).toMatch(/^bounds +10 +5 to 10, mon-sun$/m);
});

test('--json has the same for a program', async () => {
  await scene.add('mail', 1240);
  const seen = await plan({}, '--json');
  expect(JSON.parse(seen.stdout)).toMatchObject({
    processTypes: [
      { processType: 'worker', decision: { from: 3, to: 13 }, queues: [{ name: 'mail', waiting: 1240 }] },
    ],
  });
});

test('several process types, each with its own queues', async () => {
  await scene.add('mail', 450);
  await scene.add('bulk', 900);
  const seen = await plan({ PROCESS_TYPES: 'worker,mailer', MAILER_QUEUES: 'bulk', MAILER_MIN_WORKERS: '1' });
  expect(seen.stdout).toContain('Would set worker to 5');
  expect(seen.stdout).toContain('Would set mailer to 9');
});

describe('what a newcomer may get wrong gets one sentence with the remedy', () => {
  const rows: {
    name: string;
    env?: () => Record<string, string>;
    arrange?: () => void | Promise<void>;
    code: number;
    says: RegExp;
  }[] = [
    {
      name: 'a wrong Redis password',
      env: () => ({ REDIS_URL: scene.redisUrl.replace(scene.password, 'another-password') }),
      code: 1,
      says: /Redis rejected the user name or the password\. Correct REDIS_URL/,
    },
    {
      name: 'Redis down',
      env: () => ({ REDIS_URL: 'redis://127.0.0.1:1' }),
      code: 1,
      says: /Redis cannot be reached \(ECONNREFUSED\)\. Check the host/,
    },
    {
      name: 'a token that is not valid',
      env: () => ({ HEROKU_API_KEY: 'HRKU-another-one' }),
      code: 1,
      says: /heroku authorizations:create -s write/,
    },
    {
      name: 'an app that is not there',
      env: () => ({ HEROKU_APP_NAME: 'your-app' }),
      code: 1,
      says: /your-app/,
    },
    {
      name: 'a process type missing from the Procfile',
      env: () => ({ PROCESS_TYPE: 'wroker' }),
      code: 1,
      says: /wroker.*(web|mailer)/,
    },
    {
      name: 'a queue name with a typo',
      env: () => ({ QUEUES: 'mial' }),
      code: 1,
      says: /mial.*mail/,
    },
    {
      name: 'one queue of two with a typo',
      env: () => ({ QUEUES: 'mail,a-name-of-a-queue-that-is-not-short' }),
      code: 0,
      says: /there is no queue a-name-of-a-queue-that-is-not-short under the prefix bull\. Correct/,
    },
    {
      name: 'MIN above MAX',
      env: () => ({ MIN_WORKERS: '9', MAX_WORKERS: '4' }),
      code: 2,
      says: /MIN_WORKERS is 9, which is above MAX_WORKERS, which is 4/,
    },
    {
      name: 'a schedule of seven fields',
      env: () => ({ SCHEDULE: '* * * * * * *' }),
      code: 2,
      says: /5 fields, or of 6 that begin with the seconds/,
    },
    {
      name: 'a Heroku that answers HTML',
      arrange: () =>
        scene.platform.intercept(() => ({
          status: 200,
          headers: { 'content-type': 'text/html' },
          body: '<html>',
        })),
      code: 1,
      says: /holding.*Heroku/,
    },
    {
      name: 'a Heroku that answers nothing',
      arrange: () => scene.platform.intercept(() => ({ status: 200, body: '' })),
      code: 1,
      says: /holding.*Heroku/,
    },
    {
      name: 'a Heroku that has no tokens left',
      arrange: () =>
        scene.platform.intercept(() => ({ status: 429, body: '{"id":"rate_limit","message":"x"}' })),
      code: 1,
      says: /holding.*(rate limit|budget|requests)/,
    },
  ];
  test.each(rows)('$name', async ({ env, arrange, code, says }) => {
    await scene.add('mail', 1);
    await arrange?.();
    const seen = await plan(env?.() ?? {});
    expect((seen.stdout + seen.stderr).replaceAll(/\s+/g, ' ')).toMatch(says);
    expect(seen.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(seen.code).toBe(code);
    unchanged();
  });
});
