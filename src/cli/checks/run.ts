import { longestGapMs } from '../../adapters/cron/schedule.ts';
import { leaseHolder } from '../../adapters/redis/lease.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { isSet, type Environment } from '../../config/environment.ts';
import type { ActingSettings, Problem } from '../../config/settings.ts';
import { bootMsOf } from '../../control/policy.ts';
import { failureOf } from '../../failure.ts';
import type { Clock, Remembered } from '../../ports.ts';
import { assemble, storedJournal } from '../composition.ts';
import { failed, pass, passed, warn, type Check, type PlatformChecks } from './check.ts';
import { checkClock } from './clock.ts';
import { checkHeroku } from './heroku.ts';
import { jobChecks, type Subject } from './jobs.ts';
import { checkKubernetes } from './kubernetes.ts';
import { checkNotify } from './notify.ts';
import { checkRedis, checkServer, checkState } from './redis.ts';
import { checkSettings } from './settings.ts';
import { checkSizing } from './sizing.ts';
import { checkTls } from './tls.ts';
import { checkWords } from './words.ts';

/** Longer than any single check may take: what has not answered by then has failed. */
const DEADLINE_MS = 15_000;
/** The ticks of two hours. */
const MOST_ENTRIES = 720;

/** Everything that `drover check` reports of an app, in its order. `hints`: of the settings. */
export async function runChecks(
  settings: ActingSettings,
  hints: readonly Problem[],
  env: Environment,
  clock: Pick<Clock, 'now'> = systemClock,
): Promise<Check[]> {
  const assembly = await assemble(settings, 'dry-run', () => {});
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const words = checkWords(settings.access);
  const subject = { settings, assembly, words, clock, signal };
  try {
    const { appName } = settings;
    const elsewhere = isSet(env, 'TARGET_APP_NAME') || isSet(env, 'TARGET_APPS');
    const separate = elsewhere && env['HEROKU_APP_NAME'] !== appName;
    const [first, platform, notify] = await Promise.all([
      checkRedis(assembly.redis, settings.redis.prefix, signal),
      checkPlatform(settings, separate, signal),
      checkNotify(settings.notifyUrl),
    ]);
    // Every other check of this Redis would fail for the same reason.
    const rest = passed(first) ? await redisChecks(subject, platform) : [];
    const gaps = {
      longestMs: longestGapMs(settings.schedule, settings.timeZone),
      shortestMs: assembly.schedule.shortestMs,
    };
    return [
      pass('settings', 'valid'),
      ...hints.map(({ variable, message }) =>
        warn(variable, message, 'Correct the name, or remove the variable.'),
      ),
      ...checkSettings(settings, env, gaps, words),
      ...checkTls(settings),
      ...first,
      ...rest,
      ...platform.checks,
      ...notify,
    ];
  } finally {
    assembly.close();
  }
}

async function checkPlatform(
  { access, processTypes }: ActingSettings,
  separate: boolean,
  signal: AbortSignal,
): Promise<PlatformChecks> {
  switch (access.platform) {
    case 'heroku':
      return await checkHeroku(access, processTypes, separate, signal);
    case 'kubernetes':
    case 'keda':
      return await checkKubernetes(access, processTypes, signal);
    default:
      return access satisfies never;
  }
}

async function redisChecks(subject: Subject, platform: PlatformChecks): Promise<Check[]> {
  const { settings, assembly, clock, signal } = subject;
  const { redis, state, keys } = assembly;
  const remembered = await savedState(subject);
  const server = await checkServer(redis, { ...settings.redis, holds: 'jobs' }, clock, signal);
  const jobs = await jobChecks(subject, remembered, platform);
  // After what only reads: a connection to a replica, which refuses the write, is closed and opened again.
  const saved = await checkState(state, keys.check, signal);
  const ofState = passed(saved)
    ? [
        ...(state === redis
          ? []
          : await checkServer(state, { ...settings.state, holds: 'state' }, clock, signal)),
        ...(await clockChecks(subject, remembered)),
      ]
    : [];
  return [...saved, ...server, ...sizing(subject, remembered), ...jobs, ...ofState];
}

function sizing(
  { settings, assembly, words, clock }: Subject,
  remembered: ReadonlyMap<string, Remembered>,
): Check[] {
  return settings.processTypes.flatMap((type) => {
    const bootMs = bootMsOf(type, remembered.get(type.processType)?.scaling, clock.now());
    return checkSizing(type, { tickMs: assembly.schedule.shortestMs, bootMs }, words);
  });
}

async function savedState({ settings, assembly, signal }: Subject): Promise<ReadonlyMap<string, Remembered>> {
  const names = settings.processTypes.map(({ processType }) => processType);
  return await assembly.ports.store.load(names, signal).catch(() => new Map<string, Remembered>());
}

async function clockChecks(
  { settings, assembly, words, clock, signal }: Subject,
  remembered: ReadonlyMap<string, Remembered>,
): Promise<Check[]> {
  const { state, keys, pause } = assembly;
  try {
    const journal = await storedJournal(state, keys);
    const at = clock.now();
    const [holder, kept, entries, paused] = await Promise.all([
      leaseHolder(state, keys, signal),
      journal.load(signal),
      journal.entries(MOST_ENTRIES, signal),
      pause.read(at, signal),
    ]);
    const names = settings.processTypes.map(({ processType }) => processType);
    const facts = { holder, status: kept?.status, entries, pause: paused, remembered };
    return checkClock(facts, names, at, words);
  } catch (thrown) {
    return [failed('clock', failureOf(thrown))];
  }
}
