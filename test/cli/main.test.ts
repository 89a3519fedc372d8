import { expect, test } from 'vitest';

import { drover } from '../support/drover.ts';

test('--help needs no settings and lists every command', async () => {
  const { code, stdout } = await drover(['--help']);
  expect(code).toBe(0);
  for (const command of ['run', 'plan', 'check', 'demo'])
    expect(stdout).toMatch(new RegExp(`^  ${command}`, 'm'));
});

test('--version needs no settings', async () => {
  const { code, stdout } = await drover(['--version']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('without settings, run names every required one and exits with 2', async () => {
  const { code, stdout, stderr } = await drover(['run']);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  for (const variable of ['REDIS_URL', 'QUEUES', 'HEROKU_APP_NAME', 'HEROKU_API_KEY'])
    expect(stderr).toContain(`  ${variable} is required`);
});

test.each([
  { name: 'an unknown command', args: ['scale'] },
  { name: 'an unknown option', args: ['run', '--twice'] },
  { name: 'no command', args: [] },
])('$name exits with 2 and a message', async ({ args }) => {
  const { code, stderr } = await drover(args);
  expect(code).toBe(2);
  expect(stderr).not.toBe('');
});
