import { validateDetailed } from 'node-cron';
import * as v from 'valibot';

import { parseWindows } from './limits.ts';
import { LIMITS_EXAMPLE, limitsProblem } from './limits-problem.ts';
import { isRedisUrl } from './redis-url.ts';
import { LOG_LEVELS } from './settings.ts';

/**
 * Every setting, in the order of the manual. This table is what the loader reads, and what tests hold `.env.example`
 * and the README to.
 */
export type Spec<T> = {
  readonly name: string;
  /** As a person would write it in the environment; absent: unset. */
  readonly default?: string;
  readonly required?: true;
  /** May carry a process type's prefix: `MAILER_MAX_WORKERS`. */
  readonly perType?: true;
  /** Never shown. `url`: shown without its password and query. */
  readonly secret?: 'all' | 'url';
  /** Text to value; throws or fails for a value that is not allowed. */
  readonly schema: v.GenericSchema<string, T>;
  /** What is allowed, to end the sentence "X must be …". */
  readonly allowed: string;
  /** What is wrong with a text that is not allowed, where that says more than `allowed`. */
  readonly problem?: (text: string) => string;
};

const whole = (least: number, most: number): Pick<Spec<number>, 'schema' | 'allowed'> => ({
  schema: v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number), v.minValue(least), v.maxValue(most)),
  allowed: `a whole number from ${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`,
});

/** Seconds in the environment, milliseconds in the code. A day at most: more is a slip of the unit. */
const seconds = (least: number): Pick<Spec<number>, 'schema' | 'allowed'> => ({
  schema: v.pipe(
    v.string(),
    v.regex(/^\d+(\.\d+)?$/),
    v.transform((text) => Number(text) * 1000),
    v.minValue(least * 1000),
    v.maxValue(86_400_000),
  ),
  allowed: `a number of seconds from ${least} to 86,400`,
});

const flag: Pick<Spec<boolean>, 'schema' | 'allowed'> = {
  schema: v.pipe(
    v.string(),
    v.picklist(['true', 'false']),
    v.transform((text) => text === 'true'),
  ),
  allowed: 'true or false',
};

const redisUrl = {
  schema: v.pipe(v.string(), v.check(isRedisUrl)),
  allowed: 'a redis:// or rediss:// URL',
  secret: 'url',
} as const;

/** Heroku's own pattern for the name of a process type. */
const processType = v.pipe(v.string(), v.regex(/^[-\w]{1,128}$/));

/** Whether a secret stays one on its way there: it must not cross a network in the clear. */
function keepsSecrets(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** A URL that paths can be put behind, and that shows no secret where it is named. */
function isBase(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === '';
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** `high=10`: a queue's name may hold anything but a colon, so the last `=` is the one that counts. */
const QUEUE_WAIT = v.pipe(v.string(), v.regex(/^[^:]+=\d{1,5}(\.\d+)?$/));

export const SPEC = {
  REDIS_URL: { name: 'REDIS_URL', required: true, ...redisUrl },
  REDIS_TLS_URL: { name: 'REDIS_TLS_URL', ...redisUrl },
  REDIS_TLS_VERIFY: { name: 'REDIS_TLS_VERIFY', ...flag },
  QUEUES: {
    name: 'QUEUES',
    required: true,
    perType: true,
    schema: v.pipe(
      v.string(),
      v.transform((text) => [...new Set(list(text))]),
      v.array(v.pipe(v.string(), v.regex(/^[^:]+$/))),
      v.minLength(1),
    ),
    allowed: 'queue names with commas between them; a name may hold * but no colon',
  },
  BULLMQ_PREFIX: {
    name: 'BULLMQ_PREFIX',
    default: 'bull',
    schema: v.pipe(v.string(), v.regex(/^[^:*]+$/)),
    allowed: 'a key prefix without a colon or *',
  },
  HEROKU_APP_NAME: {
    name: 'HEROKU_APP_NAME',
    required: true,
    schema: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/)),
    allowed: 'the name of a Heroku app: 3 to 30 lower-case letters, digits and dashes',
  },
  TARGET_APP_NAME: {
    name: 'TARGET_APP_NAME',
    schema: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/)),
    allowed: 'the name of a Heroku app: 3 to 30 lower-case letters, digits and dashes',
  },
  HEROKU_API_KEY: {
    name: 'HEROKU_API_KEY',
    required: true,
    secret: 'all',
    schema: v.pipe(v.string(), v.regex(/^[\x21-\x7E]{8,512}$/)),
    allowed: 'an API token of scope write (heroku authorizations:create -s write -d drover)',
  },
  HEROKU_API_URL: {
    name: 'HEROKU_API_URL',
    default: 'https://api.heroku.com',
    secret: 'url',
    schema: v.pipe(v.string(), v.check(keepsSecrets), v.check(isBase)),
    allowed: 'an https:// URL without a user or a query; http:// only on loopback',
  },
  PROCESS_TYPE: {
    name: 'PROCESS_TYPE',
    default: 'worker',
    schema: processType,
    allowed: "a process type of the app's Procfile",
  },
  PROCESS_TYPES: {
    name: 'PROCESS_TYPES',
    schema: v.pipe(v.string(), v.transform(list), v.array(processType), v.minLength(1)),
    allowed: "process types of the app's Procfile with commas between them",
  },
  DYNO_SIZE: {
    name: 'DYNO_SIZE',
    perType: true,
    schema: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9][a-zA-Z0-9.-]{1,40}$/)),
    allowed: 'a dyno size such as standard-1x',
  },
  MIN_WORKERS: { name: 'MIN_WORKERS', default: '3', perType: true, ...whole(0, 1000) },
  MAX_WORKERS: { name: 'MAX_WORKERS', default: '50', perType: true, ...whole(1, 1000) },
  JOBS_PER_WORKER: { name: 'JOBS_PER_WORKER', default: '100', perType: true, ...whole(1, 1_000_000) },
  MAX_WAIT_SECONDS: { name: 'MAX_WAIT_SECONDS', perType: true, ...seconds(1) },
  QUEUE_MAX_WAIT_SECONDS: {
    name: 'QUEUE_MAX_WAIT_SECONDS',
    perType: true,
    schema: v.pipe(
      v.string(),
      v.transform(list),
      v.array(QUEUE_WAIT),
      v.minLength(1),
      v.transform((entries) => queueWaits(entries)),
    ),
    allowed: 'queues with their own wait in seconds: high=10,reports=300',
  },
  WORKER_CONCURRENCY: { name: 'WORKER_CONCURRENCY', perType: true, ...whole(1, 10_000) },
  BOOT_SECONDS: { name: 'BOOT_SECONDS', perType: true, ...seconds(0) },
  SCALE_DOWN_DELAY_SECONDS: { name: 'SCALE_DOWN_DELAY_SECONDS', default: '60', perType: true, ...seconds(0) },
  MANUAL_HOLD_SECONDS: { name: 'MANUAL_HOLD_SECONDS', default: '600', perType: true, ...seconds(0) },
  DRAIN_TIMEOUT_SECONDS: { name: 'DRAIN_TIMEOUT_SECONDS', perType: true, ...seconds(0) },
  MAX_STEP_UP: { name: 'MAX_STEP_UP', perType: true, ...whole(1, 1000) },
  MAX_STEP_DOWN: { name: 'MAX_STEP_DOWN', perType: true, ...whole(1, 1000) },
  LIMITS: {
    name: 'LIMITS',
    perType: true,
    schema: v.pipe(
      v.string(),
      v.check((text) => parseWindows(text) !== undefined),
      v.transform((text) => parseWindows(text) ?? []),
    ),
    allowed: `windows such as ${LIMITS_EXAMPLE}`,
    problem: limitsProblem,
  },
  SCHEDULE: {
    name: 'SCHEDULE',
    default: '*/10 * * * * *',
    schema: v.pipe(
      v.string(),
      v.check((text) => validateDetailed(text).valid),
    ),
    allowed: 'a cron expression of 5 fields, or 6 with the seconds first',
  },
  TIME_ZONE: {
    name: 'TIME_ZONE',
    default: 'UTC',
    schema: v.pipe(v.string(), v.check(isTimeZone)),
    allowed: 'an IANA time zone such as Europe/Berlin',
  },
  DRY_RUN: { name: 'DRY_RUN', default: 'false', ...flag },
  DASHBOARD: { name: 'DASHBOARD', default: 'false', ...flag },
  PORT: { name: 'PORT', default: '3000', ...whole(0, 65_535) },
  HOST: {
    name: 'HOST',
    default: '0.0.0.0',
    schema: v.pipe(v.string(), v.regex(/^[\w.:[\]-]+$/)),
    allowed: 'an address to listen on',
  },
  DASHBOARD_TOKEN: {
    name: 'DASHBOARD_TOKEN',
    secret: 'all',
    schema: v.pipe(v.string(), v.regex(/^[\x21-\x7E]{16,512}$/)),
    allowed: 'at least 16 printable characters without a space (openssl rand -hex 32)',
  },
  NOTIFY_URL: {
    name: 'NOTIFY_URL',
    secret: 'all',
    schema: v.pipe(v.string(), v.check(keepsSecrets)),
    allowed: 'an https:// URL; http:// only on loopback',
  },
  STATE_REDIS_URL: { name: 'STATE_REDIS_URL', ...redisUrl },
  LOG_LEVEL: {
    name: 'LOG_LEVEL',
    default: 'info',
    schema: v.pipe(v.string(), v.picklist(LOG_LEVELS)),
    allowed: `one of ${LOG_LEVELS.join(', ')}`,
  },
  LOG_SAMPLES: { name: 'LOG_SAMPLES', default: 'false', ...flag },
} as const satisfies Record<string, Spec<unknown>>;

export type SettingName = keyof typeof SPEC;
export type SettingValue<N extends SettingName> = v.InferOutput<(typeof SPEC)[N]['schema']>;

function queueWaits(entries: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.lastIndexOf('=');
      return [entry.slice(0, at).trim(), Number(entry.slice(at + 1)) * 1000];
    }),
  );
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
