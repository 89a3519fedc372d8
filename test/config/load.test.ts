import { inspect } from 'node:util';

import { describe, expect, test } from 'vitest';

import { loadSettings, loadViewSettings } from '../../src/config/load.ts';
import { problems, REQUIRED, settings } from '../support/loading.ts';

test('a queue may be called like a member of Object.prototype, and have its own wait', () => {
  const [worker] = settings({
    QUEUES: '__proto__,constructor,mail',
    MAX_WAIT_SECONDS: '60',
    QUEUE_MAX_WAIT_SECONDS: '__proto__=10,constructor=5',
  }).processTypes;
  expect(worker?.queues).toEqual(['__proto__', 'constructor', 'mail']);
  expect(Object.entries(worker?.maxWaitMsByQueue ?? {})).toEqual([
    ['__proto__', 10_000],
    ['constructor', 5000],
  ]);
});

test('four settings are enough, and the rest are the defaults of the contract', () => {
  expect(settings({})).toEqual({
    redis: { url: 'redis://localhost:6379', variable: 'REDIS_URL', tlsVerify: true, prefix: 'bull' },
    state: { url: 'redis://localhost:6379', variable: 'REDIS_URL', tlsVerify: true },
    platform: 'heroku',
    appName: 'my-app',
    access: {
      platform: 'heroku',
      appName: 'my-app',
      token: 'HRKU-0123456789',
      apiUrl: 'https://api.heroku.com',
    },
    processTypes: [
      {
        processType: 'worker',
        queues: ['high', 'default'],
        dynoSize: undefined,
        min: 3,
        max: 50,
        jobsPerWorker: 100,
        maxWaitMs: undefined,
        maxWaitMsByQueue: undefined,
        maxWaitPercent: 95,
        limits: undefined,
        concurrency: undefined,
        bootMs: undefined,
        scaleDownDelayMs: 60_000,
        manualHoldMs: 600_000,
        drainTimeoutMs: undefined,
        maxStepUp: undefined,
        maxStepDown: undefined,
      },
    ],
    schedule: '*/10 * * * * *',
    timeZone: 'UTC',
    mode: 'act',
    http: { dashboard: false, host: '0.0.0.0', port: 3000, token: undefined, herokuRouter: false },
    notifyUrl: undefined,
    logLevel: 'info',
    logSamples: false,
  });
});

test('with nothing set, every required setting is named at once', () => {
  expect(problems({}).map((line) => line.split(' ')[0])).toEqual([
    'REDIS_URL',
    'HEROKU_APP_NAME',
    'HEROKU_API_KEY',
    'QUEUES',
  ]);
});

test('a required setting whose name is misspelled is missing, and the misspelled one is named', () => {
  const { QUEUES, REDIS_URL, ...rest } = REQUIRED;
  expect(problems({ ...rest, QUEUS: QUEUES, REDIS_URI: REDIS_URL, PATH: 'x', REDIS_TLS_VERIFY: '' })).toEqual(
    [
      'REDIS_URL is required: a redis:// or rediss:// URL; REDIS_URI is set, which is not a setting',
      'QUEUES is required: queue names separated by commas; a name may contain * but no colon; QUEUS is set, which is not a setting',
    ],
  );
});

const HEROKU_US = 'ec2-54-209-190-123.compute-1.amazonaws.com';
const HEROKU_EU = 'ec2-52-1-2-3.eu-west-1.compute.amazonaws.com';

describe('where a value comes from', () => {
  test('an empty variable counts as unset', () => {
    expect(settings({ MIN_WORKERS: ' ', PROCESS_TYPE: '' }).processTypes[0]).toMatchObject({
      processType: 'worker',
      min: 3,
    });
  });

  test('REDIS_TLS_URL wins over REDIS_URL, TARGET_APP_NAME over HEROKU_APP_NAME', () => {
    const seen = settings({ REDIS_TLS_URL: 'rediss://tls', TARGET_APP_NAME: 'other-app' });
    expect([seen.redis.url, seen.appName]).toEqual(['rediss://tls', 'other-app']);
    expect([seen.redis.variable, seen.state.variable]).toEqual(['REDIS_TLS_URL', 'REDIS_TLS_URL']);
  });

  test.each([
    { name: "Heroku's own host in the United States", host: HEROKU_US, verify: false },
    { name: "Heroku's own host in Europe", host: HEROKU_EU, verify: false },
    {
      name: 'a host of another provider',
      host: 'redis-12345.c1.us-east-1-2.ec2.cloud.example.test',
      verify: true,
    },
    {
      name: 'ElastiCache, whose certificates are signed',
      host: 'master.x.use1.cache.amazonaws.com',
      verify: true,
    },
    { name: "a name that only begins like Heroku's", host: `${HEROKU_US}.example.test`, verify: true },
    { name: "a name that only ends like Heroku's", host: `x.${HEROKU_US}`, verify: true },
  ])('on a dyno, the certificate of $name is verified: $verify', ({ host, verify }) => {
    const REDIS_URL = `rediss://:pw@${host}:6380`;
    expect(settings({ DYNO: 'clock.1', REDIS_URL }).redis.tlsVerify).toBe(verify);
    expect(settings({ REDIS_URL }).redis.tlsVerify).toBe(true);
    expect(settings({ DYNO: 'clock.1', REDIS_URL, REDIS_TLS_VERIFY: 'true' }).redis.tlsVerify).toBe(true);
    expect(settings({ REDIS_URL, REDIS_TLS_VERIFY: 'false' }).redis.tlsVerify).toBe(false);
  });

  test('each Redis is judged by its own host, and one of several nodes elsewhere is enough to verify', () => {
    const heroku = `rediss://:pw@${HEROKU_US}:6380`;
    const apart = settings({
      DYNO: 'clock.1',
      REDIS_URL: heroku,
      STATE_REDIS_URL: 'rediss://:pw@state.test',
    });
    expect([apart.redis.tlsVerify, apart.state.tlsVerify]).toEqual([false, true]);
    const nodes = settings({ DYNO: 'clock.1', REDIS_URL: `${heroku}?cluster=true&nodes=other.test:6380` });
    expect(nodes.redis.tlsVerify).toBe(true);
  });

  test('a process type of another app may have the name of our own', () => {
    expect(settings({ DYNO: 'worker.1', TARGET_APP_NAME: 'other-app' }).processTypes[0]?.processType).toBe(
      'worker',
    );
  });

  test('a prefixed setting wins over the plain one, for its process type alone', () => {
    const seen = settings({
      PROCESS_TYPES: 'worker,high-mail',
      HIGH_MAIL_QUEUES: 'mail-*',
      HIGH_MAIL_MAX_WORKERS: '7',
      HIGH_MAIL_MAX_WAIT_SECONDS: '60',
      MIN_WORKERS: '1',
    });
    expect(seen.processTypes).toMatchObject([
      { processType: 'worker', queues: ['high', 'default'], min: 1, max: 50, maxWaitMs: undefined },
      { processType: 'high-mail', queues: ['mail-*'], min: 1, max: 7, maxWaitMs: 60_000 },
    ]);
  });

  test('a problem names the prefixed variable it came from', () => {
    expect(problems({ ...REQUIRED, PROCESS_TYPES: 'worker,mailer', MAILER_MIN_WORKERS: '99' })).toEqual([
      'MAILER_MIN_WORKERS is 99, which is above MAX_WORKERS, which is 50',
    ]);
  });

  test('QUEUES may come from the prefix alone', () => {
    const { QUEUES: _, ...rest } = REQUIRED;
    expect(problems({ ...rest, PROCESS_TYPES: 'mailer', MAILER_QUEUES: 'mail' })).toEqual([]);
  });
});

test('a variable that is nearly a setting gets a hint, one of another program does not', () => {
  const loaded = loadSettings({
    ...REQUIRED,
    MAX_WORKER: '10',
    HOSTNAME: 'x',
    HEROKU_APP_ID: 'y',
    JOBS_PER_WORKERS: '1',
  });
  expect(loaded).toMatchObject({
    kind: 'settings',
    hints: [
      { variable: 'MAX_WORKER', message: 'is not a setting: did you mean MAX_WORKERS?' },
      { variable: 'JOBS_PER_WORKERS', message: 'is not a setting: did you mean JOBS_PER_WORKER?' },
    ],
  });
});

test('a prefix without PROCESS_TYPES gets a hint, and what only looks like one does not', () => {
  const prefixed = { WORKER_MAX_WORKERS: '10', WORKER_CONCURRENCY: '5', MAILER_MAX_WORKERS: '3' };
  expect(loadSettings({ ...REQUIRED, ...prefixed })).toMatchObject({
    kind: 'settings',
    hints: [
      {
        variable: 'WORKER_MAX_WORKERS',
        message: 'is not read: set MAX_WORKERS, or PROCESS_TYPES=worker for prefixes',
      },
    ],
  });
  expect(loadSettings({ ...REQUIRED, ...prefixed, PROCESS_TYPES: 'worker' })).toMatchObject({ hints: [] });
});

describe('commands that never call Heroku', () => {
  test('need no token, and do not hold the one there is', () => {
    const { HEROKU_API_KEY: _, ...without } = REQUIRED;
    expect(problems(without)).toEqual([expect.stringMatching(/^HEROKU_API_KEY is required/)]);
    const loaded = loadViewSettings(without);
    expect(loaded).toMatchObject({ kind: 'settings', settings: { appName: 'my-app' } });
    expect(loadViewSettings(REQUIRED)).toEqual(loaded);
    expect(inspect(loadViewSettings(REQUIRED), { depth: null })).not.toContain(REQUIRED.HEROKU_API_KEY);
  });

  test('report every other problem at once', () => {
    const loaded = loadViewSettings({ HEROKU_API_KEY: 'too short', MIN_WORKERS: 'x' });
    expect(loaded).toMatchObject({
      problems: ['REDIS_URL', 'HEROKU_APP_NAME', 'MIN_WORKERS', 'QUEUES'].map((variable) => ({ variable })),
    });
  });
});
