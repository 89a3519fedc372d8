import { inspect } from 'node:util';

import { describe, expect, test } from 'vitest';

import { loadSettings, loadViewSettings } from '../../src/config/load.ts';
import { type Environment } from '../../src/config/environment.ts';
import type { ActingSettings } from '../../src/config/settings.ts';

const REQUIRED = {
  REDIS_URL: 'redis://localhost:6379',
  QUEUES: 'high,default',
  HEROKU_APP_NAME: 'my-app',
  HEROKU_API_KEY: 'HRKU-0123456789',
};

function settings(env: Environment): ActingSettings {
  const loaded = loadSettings({ ...REQUIRED, ...env });
  if (loaded.kind === 'wrong') throw new Error(inspect(loaded.problems));
  return loaded.settings;
}

function problems(env: Environment): string[] {
  const loaded = loadSettings(env);
  return loaded.kind === 'wrong'
    ? loaded.problems.map((problem) => `${problem.variable} ${problem.message}`)
    : [];
}

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

describe('a wrong value', () => {
  const rows: { name: string; env: Environment; says: string }[] = [
    {
      name: 'a word for a number',
      env: { MIN_WORKERS: 'two' },
      says: 'MIN_WORKERS must be a whole number from 0 to 1,000, got "two"',
    },
    {
      name: 'a fraction of a dyno',
      env: { MAX_WORKERS: '2.5' },
      says: 'MAX_WORKERS must be a whole number from 1 to 1,000, got "2.5"',
    },
    {
      name: 'a minimum below zero',
      env: { MIN_WORKERS: '-1' },
      says: 'MIN_WORKERS must be a whole number from 0 to 1,000, got "-1"',
    },
    {
      name: 'min above max',
      env: { MIN_WORKERS: '9', MAX_WORKERS: '4' },
      says: 'MIN_WORKERS is 9, which is above MAX_WORKERS, which is 4',
    },
    {
      name: 'min above the default of max',
      env: { MIN_WORKERS: '60' },
      says: 'MIN_WORKERS is 60, which is above MAX_WORKERS, which is 50',
    },
    {
      name: 'no jobs a worker',
      env: { JOBS_PER_WORKER: '0' },
      says: 'JOBS_PER_WORKER must be a whole number from 1 to 1,000,000, got "0"',
    },
    {
      name: 'a unit in seconds',
      env: { BOOT_SECONDS: '30s' },
      says: 'BOOT_SECONDS must be a number of seconds from 0 to 86,400, got "30s"',
    },
    {
      name: 'milliseconds taken for seconds',
      env: { MAX_WAIT_SECONDS: '60000000' },
      says: 'MAX_WAIT_SECONDS must be a number of seconds from 1 to 86,400, got "60000000"',
    },
    {
      name: 'a schedule of seven fields',
      env: { SCHEDULE: '*/10 * * * * * *' },
      says: 'SCHEDULE must be a cron expression of 5 fields, or of 6 that begin with the seconds, got "*/10 * * * * * *"',
    },
    {
      name: 'a window without a maximum',
      env: { LIMITS: 'mon-fri 08:00-20:00 = 10' },
      says: 'LIMITS must be windows such as mon-fri 08:00-20:00 = 10-50; sat 09:00-12:00 = 5-20, got "mon-fri 08:00-20:00 = 10": "10" is not a minimum and maximum such as 10-50',
    },
    {
      name: 'windows of cron times, of one process type',
      env: { PROCESS_TYPES: 'mailer', MAILER_LIMITS: '0 8 * * 1-5 = 10-50; 0 20 * * 1-5 = 1-10' },
      says: 'MAILER_LIMITS no longer takes cron times, got "0 8 * * 1-5 = 10-50; 0 20 * * 1-5 = 1-10": the same windows are now written "mon-fri 08:00-20:00 = 10-50; mon-sun = 1-10"',
    },
    {
      name: 'an own wait beside no general one',
      env: { QUEUE_MAX_WAIT_SECONDS: 'high=10' },
      says: 'QUEUE_MAX_WAIT_SECONDS needs MAX_WAIT_SECONDS, for the queues that it does not list',
    },
    {
      name: 'a zone that is none',
      env: { TIME_ZONE: 'Europe/Berlim' },
      says: 'TIME_ZONE must be an IANA time zone such as Europe/Berlin, got "Europe/Berlim"',
    },
    {
      name: 'a yes for a true',
      env: { DASHBOARD: 'yes' },
      says: 'DASHBOARD must be true or false, got "yes"',
    },
    {
      name: 'a Redis URL of another kind',
      env: { REDIS_URL: 'http://u:hunter2@h' },
      says: 'REDIS_URL must be a redis:// or rediss:// URL, got "http://u:***@h/"',
    },
    {
      name: 'a Redis URL that is none',
      env: { REDIS_URL: 'hunter2@host' },
      says: 'REDIS_URL must be a redis:// or rediss:// URL, got *** (if its password has a # / ? or %, write %23 %2F %3F %25)',
    },
    {
      name: 'a Redis URL with an unescaped slash in its password',
      env: { REDIS_URL: 'redis://u:12/hunter2@host' },
      says: 'REDIS_URL must be a redis:// or rediss:// URL, got *** (if its password has a # / ? or %, write %23 %2F %3F %25)',
    },
    {
      name: 'a Redis URL without a host',
      env: { STATE_REDIS_URL: 'redis://' },
      says: 'STATE_REDIS_URL must be a redis:// or rediss:// URL, got "redis://"',
    },
    {
      name: 'a Redis database that is no number',
      env: { REDIS_TLS_URL: 'rediss://u:hunter2@h/x' },
      says: 'REDIS_TLS_URL must be a redis:// or rediss:// URL, got "rediss://u:***@h/x"',
    },
    {
      name: 'a queue name with a colon',
      env: { QUEUES: 'a:b' },
      says: 'QUEUES must be queue names separated by commas; a name may contain * but no colon, got "a:b"',
    },
    {
      name: 'only commas',
      env: { QUEUES: ', ,' },
      says: 'QUEUES must be queue names separated by commas; a name may contain * but no colon, got ", ,"',
    },
    {
      name: 'a token with a space',
      env: { HEROKU_API_KEY: 'HRKU secret token' },
      says: 'HEROKU_API_KEY must be an API token of scope write (heroku authorizations:create -s write -d drover), got ***',
    },
    {
      name: 'a token sent in the clear',
      env: { HEROKU_API_URL: 'http://api.heroku.com' },
      says: 'HEROKU_API_URL must be an https:// URL without a user or a query; http:// only on loopback, got "http://api.heroku.com/"',
    },
    {
      name: 'a password in the URL of the API',
      env: { HEROKU_API_URL: 'https://drover:hunter2@proxy.example.test' },
      says: 'HEROKU_API_URL must be an https:// URL without a user or a query; http:// only on loopback, got "https://drover:***@proxy.example.test/"',
    },
    {
      name: 'a token for a user in the URL of the API',
      env: { HEROKU_API_URL: 'https://hunter2@proxy.example.test' },
      says: 'HEROKU_API_URL must be an https:// URL without a user or a query; http:// only on loopback, got "https://***@proxy.example.test/"',
    },
    {
      name: 'a key in the query of the URL of the API',
      env: { HEROKU_API_URL: 'https://proxy.example.test?key=hunter2' },
      says: 'HEROKU_API_URL must be an https:// URL without a user or a query; http:// only on loopback, got "https://proxy.example.test/?key=***"',
    },
    {
      name: 'notices sent in the clear',
      env: { NOTIFY_URL: 'http://hooks.example.test/hunter2' },
      says: 'NOTIFY_URL must be an https:// URL; http:// only on loopback, got ***',
    },
    {
      name: 'an open dashboard',
      env: { DASHBOARD: 'true' },
      says: 'DASHBOARD_TOKEN is required unless HOST is a loopback address (HOST is "0.0.0.0")',
    },
    {
      name: 'its own process type',
      env: { DYNO: 'worker.1' },
      says: 'PROCESS_TYPE is "worker", the process type that Drover itself runs as: run it as another, such as clock',
    },
    {
      name: 'its own process type on Fir',
      env: { DYNO: 'worker-12a34b56d-e78f9' },
      says: 'PROCESS_TYPE is "worker", the process type that Drover itself runs as: run it as another, such as clock',
    },
    {
      name: 'a process type twice',
      env: { PROCESS_TYPES: 'a,a' },
      says: 'PROCESS_TYPES lists a process type twice',
    },
    {
      name: 'a prefix where there is one clock',
      env: { PROCESS_TYPES: 'mailer', MAILER_SCHEDULE: '* * * * *' },
      says: 'MAILER_SCHEDULE cannot carry a prefix: SCHEDULE applies to all process types',
    },
    {
      name: 'a control character',
      env: { MIN_WORKERS: '\u001B[2J' },
      says: String.raw`MIN_WORKERS must be a whole number from 0 to 1,000, got "\u001b[2J"`,
    },
  ];
  test.each(rows)('$name', ({ env, says }) => {
    expect(problems({ ...REQUIRED, ...env })).toEqual([says]);
  });

  test('all of them are told at once', () => {
    expect(problems({ ...REQUIRED, MIN_WORKERS: 'x', MAX_WORKERS: 'y', SCHEDULE: 'z' })).toHaveLength(3);
  });

  test('no secret is in any message', () => {
    const told = problems({
      REDIS_URL: 'redis://:hunter2hunter2@:99999999',
      REDIS_TLS_URL: 'redis://u:1#hunter2@h',
      STATE_REDIS_URL: 'http://:hunter2hunter2@host',
      HEROKU_API_KEY: 'hunter2 hunter2',
      DASHBOARD_TOKEN: 'hunter2',
      NOTIFY_URL: 'hunter2hunter2',
    }).join('\n');
    expect(told).toContain('NOTIFY_URL');
    expect(told).not.toContain('hunter2');
  });
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

test('with KEDA the answers are served, and no quantity counts as scaled by hand', () => {
  const env = { PLATFORM: 'keda', KUBERNETES_NAMESPACE: 'prod', KUBERNETES_SERVICE_HOST: '10.0.0.1' };
  expect(problems({ ...REQUIRED, ...env })).toEqual([
    'DASHBOARD_TOKEN is required unless HOST is a loopback address (HOST is "0.0.0.0")',
  ]);
  const { http, processTypes } = settings({ ...env, HOST: '127.0.0.1', MANUAL_HOLD_SECONDS: '600' });
  expect([http.dashboard, processTypes[0]?.manualHoldMs]).toEqual([true, 0]);
});
