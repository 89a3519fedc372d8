import { describe, expect, test } from 'vitest';

import { loadAllSettings, loadAllViewSettings, loadSettings } from '../../src/config/load.ts';
import type { ActingSettings } from '../../src/config/settings.ts';

const TWO = {
  REDIS_URL: 'redis://plain',
  QUEUES: 'mail',
  TARGET_APPS: 'shop,blog',
  HEROKU_API_KEY: 'token-of-all-apps',
};

function problems(env: Record<string, string>): string[] {
  const loaded = loadAllSettings({ ...TWO, ...env });
  return loaded.kind === 'wrong'
    ? loaded.problems.map(({ variable, message }) => `${variable} ${message}`)
    : [];
}

function apps(env: Record<string, string>): Record<string, ActingSettings> {
  const loaded = loadAllSettings({ ...TWO, ...env });
  if (loaded.kind === 'wrong') throw new Error(problems(env).join('\n'));
  expect(loaded.hints).toEqual([]);
  return Object.fromEntries(loaded.apps.map((settings) => [settings.appName, settings]));
}

describe('a value comes from', () => {
  test('the app, else the plain setting', () => {
    const { shop, blog } = apps({
      SHOP_QUEUES: 'orders',
      SHOP_HEROKU_API_KEY: 'token-of-shop',
      SHOP_SCHEDULE: '*/5 * * * * *',
      SHOP_DRY_RUN: 'shadow',
      HEROKU_APP_NAME: 'drover',
    });
    expect(shop).toMatchObject({
      schedule: '*/5 * * * * *',
      mode: 'shadow',
      access: { token: 'token-of-shop' },
    });
    expect(blog).toMatchObject({
      schedule: '*/10 * * * * *',
      mode: 'act',
      access: { token: TWO.HEROKU_API_KEY },
    });
    expect([shop, blog].map((app) => app?.processTypes[0]?.queues)).toEqual([['orders'], ['mail']]);
  });

  test('the app and the process type, then the app, then the process type', () => {
    const { shop, blog } = apps({
      PROCESS_TYPES: 'worker,mailer',
      MAX_WORKERS: '10',
      MAILER_MAX_WORKERS: '20',
      SHOP_MAX_WORKERS: '30',
      BLOG_MAILER_MAX_WORKERS: '40',
    });
    expect(shop?.processTypes.map(({ max }) => max)).toEqual([30, 30]);
    expect(blog?.processTypes.map(({ max }) => max)).toEqual([10, 40]);
  });

  test('the app also where a plain setting would otherwise take precedence', () => {
    const { shop, blog } = apps({
      REDIS_TLS_URL: 'rediss://plain-tls',
      SHOP_REDIS_URL: 'redis://of-shop',
      PROCESS_TYPES: 'worker,mailer',
      SHOP_PROCESS_TYPE: 'jobs',
    });
    expect([shop?.redis.url, shop?.redis.variable]).toEqual(['redis://of-shop', 'SHOP_REDIS_URL']);
    expect(blog?.redis.url).toBe('rediss://plain-tls');
    expect(shop?.processTypes.map(({ processType }) => processType)).toEqual(['jobs']);
    expect(blog?.processTypes.map(({ processType }) => processType)).toEqual(['worker', 'mailer']);
  });
});

test.each([
  { name: 'an app twice', env: { TARGET_APPS: 'shop,shop' }, says: ['TARGET_APPS lists an app twice'] },
  {
    name: 'wrong settings of both apps at once, and of all apps once',
    env: { SHOP_MIN_WORKERS: 'x', BLOG_MIN_WORKERS: '51', JOBS_PER_WORKER: '0' },
    says: [
      'SHOP_MIN_WORKERS must be a whole number from 0 to 1,000, got "x"',
      'JOBS_PER_WORKER must be a whole number from 1 to 1,000,000, got "0"',
      'BLOG_MIN_WORKERS is 51, which is above MAX_WORKERS, which is 50',
    ],
  },
  {
    name: 'a setting of the whole process with the prefix of an app',
    env: { SHOP_PORT: '80' },
    says: ['SHOP_PORT cannot carry a prefix: PORT applies to all apps'],
  },
  {
    name: 'a setting of the app with the prefix of a process type',
    env: { SHOP_PROCESS_TYPES: 'mailer', SHOP_MAILER_SCHEDULE: '* * * * *' },
    says: ['SHOP_MAILER_SCHEDULE cannot carry a prefix: SCHEDULE applies to all process types'],
  },
  {
    name: 'an app whose variable is a setting of its own',
    env: { TARGET_APPS: 'shop,state' },
    says: [
      'TARGET_APPS lists state, but STATE_REDIS_URL is a setting of its own: run state in a clock of its own',
    ],
  },
  {
    name: 'an app named as a process type',
    env: { TARGET_APPS: 'shop,mailer', PROCESS_TYPES: 'worker,mailer' },
    says: [
      'TARGET_APPS lists mailer, but MAILER_QUEUES is also read for a process type: run mailer in a clock of its own',
    ],
  },
  {
    name: 'an app named as another app and its process type',
    env: { TARGET_APPS: 'shop,shop-eu', SHOP_PROCESS_TYPES: 'eu,us' },
    says: [
      'TARGET_APPS lists shop-eu, but SHOP_EU_QUEUES is also read for a process type: run shop-eu in a clock of its own',
    ],
  },
  {
    name: 'several apps on Kubernetes',
    env: { PLATFORM: 'kubernetes', KUBERNETES_NAMESPACE: 'jobs', KUBECONFIG: '/nowhere' },
    says: [
      'TARGET_APPS is for PLATFORM=heroku: on Kubernetes, PROCESS_TYPES lists the targets of a namespace, and each namespace has a clock',
    ],
  },
])('$name is refused', ({ env, says }) => {
  expect(problems(env)).toEqual(says);
});

test('an app whose name begins with that of another is no clash', () => {
  const loaded = apps({ TARGET_APPS: 'shop,shop-eu', SHOP_EU_QUEUES: 'europe', SHOP_QUEUES: 'home' });
  expect(Object.values(loaded).map(({ processTypes }) => processTypes[0]?.queues)).toEqual([
    ['home'],
    ['europe'],
  ]);
});

test('a misspelled setting of an app gets a hint', () => {
  const loaded = loadAllSettings({ ...TWO, BLOG_MAX_WORKER: '5' });
  expect(loaded).toMatchObject({
    hints: [{ variable: 'BLOG_MAX_WORKER', message: 'is not a setting: did you mean BLOG_MAX_WORKERS?' }],
  });
});

test('a command of one app refuses several, and views hold no token of any', () => {
  expect(loadSettings(TWO)).toMatchObject({ problems: [{ variable: 'TARGET_APPS' }] });
  const views = loadAllViewSettings({ ...TWO, SHOP_HEROKU_API_KEY: 'token-of-shop' });
  expect(JSON.stringify(views)).not.toContain('token-of');
});
