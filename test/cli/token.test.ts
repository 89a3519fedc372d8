import { describe, expect, test } from 'vitest';

import { startDrover } from '../support/drover.ts';
import { testEnvironment } from '../support/test-environment-hooks.ts';

const scene = await testEnvironment();

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
    const ran = await scene.drover(args, env());
    expect([ran.code, ran.stderr]).toEqual([code, expect.not.stringContaining('HEROKU_API_KEY')]);
  });

  test.each([[['run', '--once']], [['plan']], [['check']]])('%s asks for one', async (args) => {
    const ran = await scene.drover(args, env());
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('HEROKU_API_KEY is required')]);
  });

  test('serve answers', async () => {
    const running = startDrover(['serve'], { env: { ...env(), HOST: '127.0.0.1', PORT: '0' } });
    await expect.poll(() => running.printed.stdout, { timeout: 15_000 }).toContain('dashboard at ');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });
});
