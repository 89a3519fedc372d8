import { describe, expect, test } from 'vitest';

import type { Environment } from '../../src/config/environment.ts';
import { problems, REQUIRED } from '../support/loading.ts';

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
      says: 'DASHBOARD_TOKEN is required unless HOST is a loopback address (HOST is "0.0.0.0"): openssl rand -hex 32 makes one',
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

  test('all of them are reported at once', () => {
    expect(problems({ ...REQUIRED, MIN_WORKERS: 'x', MAX_WORKERS: 'y', SCHEDULE: 'z' })).toHaveLength(3);
  });

  test('no secret is in any message', () => {
    const reported = problems({
      REDIS_URL: 'redis://:hunter2hunter2@:99999999',
      REDIS_TLS_URL: 'redis://u:1#hunter2@h',
      STATE_REDIS_URL: 'http://:hunter2hunter2@host',
      HEROKU_API_KEY: 'hunter2 hunter2',
      DASHBOARD_TOKEN: 'hunter2',
      NOTIFY_URL: 'hunter2hunter2',
    }).join('\n');
    expect(reported).toContain('NOTIFY_URL');
    expect(reported).not.toContain('hunter2');
  });
});
