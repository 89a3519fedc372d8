import { expect, test } from 'vitest';

import { drover } from '../support/drover.ts';

test('--help needs no settings, and names every command', async () => {
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

test('with no settings at all every required one is named, with exit code 2', async () => {
  const { code, stdout, stderr } = await drover(['run']);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  for (const variable of ['REDIS_URL', 'QUEUES', 'HEROKU_APP_NAME', 'HEROKU_API_KEY'])
    expect(stderr).toContain(`  ${variable} is required`);
});

test.each([
  { name: 'a command that is none', args: ['scale'] },
  { name: 'an option that is none', args: ['run', '--twice'] },
  { name: 'no command', args: [] },
])('$name is told, with exit code 2', async ({ args }) => {
  const { code, stderr } = await drover(args);
  expect(code).toBe(2);
  expect(stderr).not.toBe('');
});
