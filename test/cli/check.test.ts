import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { drover, type Ran } from '../support/drover.ts';
import { TestEnvironment } from '../support/test-environment.ts';

let scene: TestEnvironment;

beforeAll(async () => {
  scene = await TestEnvironment.start();
});
afterAll(async () => {
  await scene.stop();
});
beforeEach(async () => {
  await scene.reset();
  await scene.add('mail', 1);
});

const check = async (env: Record<string, string> = {}): Promise<Ran> =>
  await drover(['check'], { env: { ...scene.env, ...env }, secrets: scene.secrets });

test('a correct setup passes every check, and check writes one short-lived key only', async () => {
  const seen = await check();
  expect(seen).toMatchObject({ code: 0, stderr: '' });
  const lines = seen.stdout.trim().split('\n');
  expect(lines.at(-1)).toBe('Ready to run.');
  for (const name of [
    'settings',
    'Redis',
    'state',
    'queue mail',
    'app',
    'token',
    'process type worker',
    'API budget',
  ]) {
    expect(seen.stdout).toMatch(new RegExp(`^✓ ${name} `, 'm'));
  }
  expect(await scene.redis.pttl('drover:{my-app}:check')).toBeLessThanOrEqual(1000);
  expect(scene.platform.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
});

describe('a problem has a mark and a remedy', () => {
  const rows: { name: string; env: () => Record<string, string>; code: number; says: RegExp }[] = [
    {
      name: 'a misspelled setting',
      env: () => ({ MAX_WORKER: '5' }),
      code: 0,
      says: /^! MAX_WORKER +is not a setting: did you mean MAX_WORKERS\?$/m,
    },
    {
      name: 'a queue with a typo',
      env: () => ({ QUEUES: 'mial' }),
      code: 1,
      says: /^✗ queue mial .*\n.*→ [^→]*Did\s+you\s+mean\s+mail\?$/m,
    },
    {
      name: 'a missing process type',
      env: () => ({ PROCESS_TYPE: 'wroker' }),
      code: 1,
      says: /^✗ process type wroker +not in the formation, which has web,\s+worker, mailer\n.*→ Correct PROCESS_TYPE/m,
    },
    {
      name: 'a missing app',
      env: () => ({ HEROKU_APP_NAME: 'your-app' }),
      code: 1,
      says: /^✗ Heroku .*your-app.*\n.*→/m,
    },
    {
      name: 'an invalid token',
      env: () => ({ HEROKU_API_KEY: 'HRKU-another' }),
      code: 1,
      says: /^✗ Heroku .*\n.*→ [^→]*authorizations:create\s+-s write/m,
    },
    {
      name: 'an unreachable Redis',
      env: () => ({ REDIS_URL: 'redis://127.0.0.1:1' }),
      code: 1,
      says: /^✗ Redis +Redis cannot be reached \(ECONNREFUSED\)\n.*→ Check the host/m,
    },
    {
      name: 'a maximum above what Heroku allows',
      env: () => ({ MAX_WORKERS: '500' }),
      code: 0,
      says: /^! limit of worker +MAX_WORKERS is 500; Heroku allows 100/m,
    },
    {
      name: 'an unknown dyno size',
      env: () => ({ DYNO_SIZE: 'standard-9x' }),
      code: 1,
      says: /^✗ size of worker +dyno size standard-9x does not exist/m,
    },
    {
      name: 'an unreachable Redis for state',
      env: () => ({ STATE_REDIS_URL: 'redis://127.0.0.1:1' }),
      code: 1,
      says: /^✗ state +Redis cannot be reached \(ECONNREFUSED\)\n.*→ Check the host, port and scheme in STATE_REDIS_URL/m,
    },
    {
      name: 'a database that Redis does not have',
      env: () => ({ REDIS_URL: `${scene.redisUrl}/99` }),
      code: 1,
      says: /^✗ Redis +Redis refused the database in the URL\n.*→ Correct the database number[^✓✗]+REDIS_URL/m,
    },
  ];
  test.each(rows)('$name', async ({ env, code, says }) => {
    const seen = await check(env());
    expect(seen.stdout).toMatch(says);
    expect(seen.code).toBe(code);
    expect(seen.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});

test('a queue of several process types is reported once', async () => {
  await scene.add('reports', 1);
  const { code, stdout } = await check({ PROCESS_TYPES: 'worker,mailer', MAILER_QUEUES: 'mail,reports' });
  expect(stdout.match(/^! .*$/gm)).toEqual([
    expect.stringMatching(/^! queue mail +counted in full for each of worker, mailer$/),
  ]);
  expect(stdout).toContain('MAILER_QUEUES');
  expect(code).toBe(0);
});

test('workers without a name are reported', async () => {
  const client = scene.redis;
  await client.lpush('bull:mail:active', '1');
  await client.set('bull:mail:1:lock', 'somebody:1', 'PX', 30_000);
  const { code, stdout } = await check();
  expect(stdout).toMatch(/^! workers of worker +1 running jobs? cannot be mapped/m);
  expect(code).toBe(0);
});
