import { inspect } from 'node:util';

import type { Environment } from '../../src/config/environment.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { ActingSettings } from '../../src/config/settings.ts';

/** The settings without which nothing starts. */
export const REQUIRED = {
  REDIS_URL: 'redis://localhost:6379',
  QUEUES: 'high,default',
  HEROKU_APP_NAME: 'my-app',
  HEROKU_API_KEY: 'HRKU-0123456789',
};

export function settings(env: Environment): ActingSettings {
  const loaded = loadSettings({ ...REQUIRED, ...env });
  if (loaded.kind === 'wrong') throw new Error(inspect(loaded.problems));
  return loaded.settings;
}

export function problems(env: Environment): string[] {
  const loaded = loadSettings(env);
  return loaded.kind === 'wrong'
    ? loaded.problems.map((problem) => `${problem.variable} ${problem.message}`)
    : [];
}
