import { isSet, prefixOf, Reader, type Environment } from './environment.ts';
import { hintsFor } from './hints.ts';
import type { Limits } from './limits.ts';
import { quote } from './mask.ts';
import { platformScope, readText, type PlatformScope, type ReadText } from './platform.ts';
import type { ActingSettings, Problem, ProcessTypeSettings, Settings } from './settings.ts';
import { SPEC } from './spec.ts';
import type { Spec } from './spec/kinds.ts';
import { isLoopback } from './url.ts';

export type Loaded<S extends Settings = Settings> =
  | { readonly kind: 'settings'; readonly settings: S; readonly hints: readonly Problem[] }
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] };

/** For commands that call the platform. Reports every problem at once. An empty variable counts as unset. */
export function loadSettings(env: Environment, read: ReadText = readText): Loaded<ActingSettings> {
  return load({ env, read }, (reader, scope) => ({ access: scope.access(reader) }));
}

/** For commands that use only what the clock keeps in Redis: never with a token, even where it is set. */
export function loadViewSettings(env: Environment, read: ReadText = readText): Loaded {
  return load({ env, read }, () => ({}));
}

function load<A extends object>(
  { env, read }: { readonly env: Environment; readonly read: ReadText },
  accessOf: (reader: Reader, scope: PlatformScope) => A,
): Loaded<Settings & A> {
  const reader = new Reader(env);
  const redis = reader.address('REDIS_TLS_URL') ?? reader.addressOf('REDIS_URL', reader.require('REDIS_URL'));
  const scope = platformScope(reader, env, read);
  const { platform, appName, several, processTypes: names } = scope;
  const access = accessOf(reader, scope);
  const processTypes = names.map((name) => processTypeSettings(reader, name, scope));
  if (several !== undefined) for (const name of names) refusePrefix(reader, env, name);

  const http = {
    dashboard: reader.withDefault('DASHBOARD'),
    host: reader.withDefault('HOST'),
    port: reader.withDefault('PORT'),
    token: reader.get('DASHBOARD_TOKEN'),
    herokuRouter: isSet(env, 'DYNO'),
  };
  if (http.dashboard && http.token === undefined && !isLoopback(http.host)) {
    reader.wrong(
      'DASHBOARD_TOKEN',
      `is required unless HOST is a loopback address (HOST is ${quote(http.host)})`,
    );
  }
  const settings = {
    redis: { ...redis, prefix: reader.withDefault('BULLMQ_PREFIX') },
    state: reader.address('STATE_REDIS_URL') ?? redis,
    platform,
    appName,
    ...access,
    processTypes,
    schedule: reader.withDefault('SCHEDULE'),
    timeZone: reader.withDefault('TIME_ZONE'),
    mode: reader.withDefault('DRY_RUN'),
    http,
    notifyUrl: reader.get('NOTIFY_URL'),
    logLevel: reader.withDefault('LOG_LEVEL'),
    logSamples: reader.withDefault('LOG_SAMPLES'),
  };
  if (reader.problems.length > 0) return { kind: 'wrong', problems: reader.problems };
  return {
    kind: 'settings',
    settings: settings satisfies Settings,
    hints: hintsFor(env, several, names),
  };
}

function processTypeSettings(
  reader: Reader,
  processType: string,
  { platform, several }: PlatformScope,
): ProcessTypeSettings {
  const of = reader.forType(several === undefined ? undefined : processType);
  const min = of.withDefault('MIN_WORKERS');
  const max = of.withDefault('MAX_WORKERS');
  if (min > max && !reader.isWrong(of.nameOf('MIN_WORKERS')) && !reader.isWrong(of.nameOf('MAX_WORKERS'))) {
    reader.wrong(
      of.nameOf('MIN_WORKERS'),
      `is ${min}, which is above ${of.nameOf('MAX_WORKERS')}, which is ${max}`,
    );
  }
  if (of.get('QUEUE_MAX_WAIT_SECONDS') !== undefined && of.get('MAX_WAIT_SECONDS') === undefined) {
    reader.wrong(
      of.nameOf('QUEUE_MAX_WAIT_SECONDS'),
      'needs MAX_WAIT_SECONDS, for the queues that it does not list',
    );
  }
  return {
    processType,
    queues: of.require('QUEUES'),
    dynoSize: platform === 'heroku' ? of.get('DYNO_SIZE') : undefined,
    min,
    max,
    jobsPerWorker: of.withDefault('JOBS_PER_WORKER'),
    maxWaitMs: of.get('MAX_WAIT_SECONDS'),
    maxWaitPercent: of.withDefault('MAX_WAIT_PERCENT'),
    maxWaitMsByQueue: of.get('QUEUE_MAX_WAIT_SECONDS'),
    limits: limitsOf(of),
    concurrency: of.get('WORKER_CONCURRENCY'),
    bootMs: of.get('BOOT_SECONDS'),
    scaleDownDelayMs: of.withDefault('SCALE_DOWN_DELAY_SECONDS'),
    manualHoldMs: of.withDefault('MANUAL_HOLD_SECONDS'),
    drainTimeoutMs: of.get('DRAIN_TIMEOUT_SECONDS'),
    maxStepUp: of.get('MAX_STEP_UP'),
    maxStepDown: of.get('MAX_STEP_DOWN'),
  };
}

function limitsOf(of: Reader): Limits | undefined {
  const windows = of.get('LIMITS');
  return windows === undefined ? undefined : { windows, timeZone: of.withDefault('TIME_ZONE') };
}

/** Without this, a prefix on a setting of the whole clock would be ignored silently. */
function refusePrefix(reader: Reader, env: Environment, processType: string): void {
  for (const [name, spec] of Object.entries<Spec<unknown>>(SPEC)) {
    const variable = prefixOf(processType) + name;
    if (spec.perType !== true && isSet(env, variable)) {
      reader.wrong(variable, `cannot carry a prefix: ${name} applies to all process types`);
    }
  }
}
