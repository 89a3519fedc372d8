import { beforeEach, expect, test } from 'vitest';

import type { Ran } from '../support/drover.ts';
import { testEnvironment } from '../support/test-environment-hooks.ts';

const scene = await testEnvironment();
beforeEach(async () => {
  await scene.add('mail', 1);
});

const check = async (env: Record<string, string> = {}): Promise<Ran> => await scene.drover(['check'], env);

test('a correct setup passes every check, and check writes one short-lived key only', async () => {
  const seen = await check();
  expect(seen).toMatchObject({ code: 0, stderr: '' });
  const lines = seen.stdout.trim().split('\n');
  expect(lines.at(-1)).toBe('Ready to run, with 1 warning.');
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

test('a problem has its remedy below, and fails the check', async () => {
  const { code, stdout } = await check({ QUEUES: 'mial', MAX_WORKER: '5' });
  expect(stdout).toMatch(/^! MAX_WORKER +is not a setting: did you mean MAX_WORKERS\?\n +→ Correct/m);
  expect(stdout).toMatch(/^✗ queue mial .*\n.*→ [^→]*Did\s+you\s+mean\s+mail\?$/m);
  expect(stdout.trim().split('\n').at(-1)).toMatch(/^1 of \d+ checks failed\.$/);
  expect(code).toBe(1);
});
