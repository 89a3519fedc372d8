import { expect, test } from 'vitest';

import { checkTls } from '../../src/cli/checks/tls.ts';
import { loadViewSettings } from '../../src/config/load.ts';
import { type Environment } from '../../src/config/environment.ts';

const HEROKU = 'rediss://:pw@ec2-54-209-190-123.compute-1.amazonaws.com:6380';
const OTHER = 'rediss://:pw@redis.example.test:6380';

function marks(env: Environment): string[] {
  const loaded = loadViewSettings({ QUEUES: 'mail', HEROKU_APP_NAME: 'my-app', ...env });
  if (loaded.kind === 'wrong') throw new Error('wrong settings');
  return checkTls(loaded.settings).map(({ name, state }) => `${state} ${name}`);
}

test.each([
  { name: 'no TLS', env: { REDIS_URL: 'redis://redis.example.test' }, seen: [] },
  { name: 'verified', env: { REDIS_URL: OTHER }, seen: ['pass TLS of REDIS_URL'] },
  {
    name: 'verified on a dyno too',
    env: { REDIS_URL: OTHER, DYNO: 'clock.1' },
    seen: ['pass TLS of REDIS_URL'],
  },
  {
    name: "Heroku's own on a dyno",
    env: { REDIS_URL: HEROKU, DYNO: 'clock.1' },
    seen: ['pass TLS of REDIS_URL'],
  },
  {
    name: 'switched off for a host that could be verified',
    env: { REDIS_URL: OTHER, REDIS_TLS_VERIFY: 'false' },
    seen: ['warn TLS of REDIS_URL'],
  },
  {
    name: 'switched off for both, where one is Heroku’s',
    env: { REDIS_TLS_URL: HEROKU, STATE_REDIS_URL: OTHER, REDIS_TLS_VERIFY: 'false' },
    seen: ['pass TLS of REDIS_TLS_URL', 'warn TLS of STATE_REDIS_URL'],
  },
])('the check of a certificate: $name', ({ env, seen }) => {
  expect(marks(env)).toEqual(seen);
});
