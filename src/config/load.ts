import { appsOf, refuseAmbiguous } from './apps.ts';
import { isSet, prefixesOf, prefixOf, Reader, type Environment } from './environment.ts';
import { hintsFor } from './hints.ts';
import type { Limits } from './limits.ts';
import { quote } from './mask.ts';
import { platformScope, readText, type PlatformScope, type ReadText } from './platform.ts';
import type { ActingSettings, Problem, ProcessTypeSettings, RedisAddress, Settings } from './settings.ts';
import { SPEC } from './spec.ts';
import type { Spec } from './spec/kinds.ts';
import { isLoopback } from './url.ts';

export type Loaded<S extends Settings = Settings> =
  | { readonly kind: 'settings'; readonly settings: S; readonly hints: readonly Problem[] }
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] };

/** The settings of every app, in the order of TARGET_APPS: without it, of one. */
export type AllLoaded<S extends Settings = Settings> =
  | { readonly kind: 'settings'; readonly apps: readonly S[]; readonly hints: readonly Problem[] }
  | Extract<Loaded, { readonly kind: 'wrong' }>;

/** For commands that call the platform. Reports every problem at once. An empty variable counts as unset. */
export function loadAllSettings(env: Environment, read: ReadText = readText): AllLoaded<ActingSettings> {
  return loadAll({ env, read }, (reader, scope) => ({ access: scope.access(reader) }));
}

/** For commands that use only what the clock keeps in Redis: never with a token, even where it is set. */
export function loadAllViewSettings(env: Environment, read: ReadText = readText): AllLoaded {
  return loadAll({ env, read }, () => ({}));
}

/** The same where there is one app. */
export function loadSettings(env: Environment, read: ReadText = readText): Loaded<ActingSettings> {
  return onlyOne(loadAllSettings(env, read));
}

export function loadViewSettings(env: Environment, read: ReadText = readText): Loaded {
  return onlyOne(loadAllViewSettings(env, read));
}

function onlyOne<S extends Settings>(loaded: AllLoaded<S>): Loaded<S> {
  if (loaded.kind === 'wrong') return loaded;
  const [settings, ...others] = loaded.apps;
  if (settings !== undefined && others.length === 0)
    return { kind: 'settings', settings, hints: loaded.hints };
  const message = 'lists several apps: choose one with --app';
  return { kind: 'wrong', problems: [{ variable: 'TARGET_APPS', message }] };
}

type Source = { readonly env: Environment; readonly read: ReadText };

function loadAll<A extends object>(
  { env, read }: Source,
  accessOf: (reader: Reader, scope: PlatformScope) => A,
): AllLoaded<Settings & A> {
  const problems = new Map<string, Problem>();
  const plain = new Reader(env, problems);
  const loaded = appsOf(plain).map((app) => {
    const reader = new Reader(env, problems, app);
    const redis = redisOf(reader);
    const scope = platformScope(reader, env, { read, app });
    const access = accessOf(reader, scope);
    const settings = { ...settingsOf(reader, env, scope, redis), ...access };
    refusePrefixes(reader, env, { app, several: scope.several });
    return { app, scope, settings };
  });
  refuseAmbiguous(
    plain,
    loaded.flatMap(({ app, scope: { several = [] } }) => (app === undefined ? [] : [{ app, several }])),
  );
  if (plain.problems.length > 0) return { kind: 'wrong', problems: plain.problems };
  const scopes = loaded.map(({ app, scope: { several, processTypes } }) => ({ app, several, processTypes }));
  return {
    kind: 'settings',
    apps: loaded.map(({ settings }) => settings),
    hints: hintsFor(env, scopes),
  };
}

function redisOf(reader: Reader): RedisAddress {
  const tls = reader.precedent('REDIS_TLS_URL', 'REDIS_URL') === 'REDIS_TLS_URL';
  return (
    (tls ? reader.address('REDIS_TLS_URL') : undefined) ??
    reader.addressOf(reader.nameOf('REDIS_URL'), reader.require('REDIS_URL'))
  );
}

function settingsOf(reader: Reader, env: Environment, scope: PlatformScope, redis: RedisAddress): Settings {
  const { platform, appName, processTypes: names } = scope;
  const processTypes = names.map((name) => processTypeSettings(reader, name, scope));
  const http = {
    // KEDA reads the answers there.
    dashboard: platform === 'keda' || reader.withDefault('DASHBOARD'),
    host: reader.withDefault('HOST'),
    port: reader.withDefault('PORT'),
    token: reader.get('DASHBOARD_TOKEN'),
    herokuRouter: isSet(env, 'DYNO'),
  };
  if (http.dashboard && http.token === undefined && !isLoopback(http.host)) {
    reader.wrong(
      'DASHBOARD_TOKEN',
      `is required unless HOST is a loopback address (HOST is ${quote(http.host)}): openssl rand -hex 32 makes one`,
    );
  }
  return {
    redis: { ...redis, prefix: reader.withDefault('BULLMQ_PREFIX') },
    state: reader.address('STATE_REDIS_URL') ?? redis,
    platform,
    appName,
    processTypes,
    schedule: reader.withDefault('SCHEDULE'),
    timeZone: reader.withDefault('TIME_ZONE'),
    mode: reader.withDefault('DRY_RUN'),
    http,
    notifyUrl: reader.get('NOTIFY_URL'),
    logLevel: reader.withDefault('LOG_LEVEL'),
    logSamples: reader.withDefault('LOG_SAMPLES'),
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
    // KEDA reaches a quantity by steps of its own, and would set one that is scaled by hand back at once.
    manualHoldMs: platform === 'keda' ? 0 : of.withDefault('MANUAL_HOLD_SECONDS'),
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
function refusePrefixes(
  reader: Reader,
  env: Environment,
  {
    app,
    several = [],
  }: { readonly app: string | undefined; readonly several: readonly string[] | undefined },
): void {
  for (const [name, { perType, perApp }] of Object.entries<Spec<unknown>>(SPEC)) {
    if (perType === true) continue;
    const refuse = (prefix: string, all: string): void => {
      const variable = prefix + name;
      if (isSet(env, variable) && !(variable in SPEC))
        reader.wrong(variable, `cannot carry a prefix: ${name} applies to all ${all}`);
    };
    if (app !== undefined && perApp !== true) refuse(prefixOf(app), 'apps');
    for (const processType of several)
      for (const prefix of prefixesOf(app, undefined))
        refuse(prefix + prefixOf(processType), 'process types');
  }
}
