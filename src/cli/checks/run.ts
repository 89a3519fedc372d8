import { connectedWorkers } from '../../adapters/bullmq/connected-workers.ts';
import { longestGapMs } from '../../adapters/cron/schedule.ts';
import { leaseHolder } from '../../adapters/redis/lease.ts';
import { reportingTypes } from '../../adapters/redis/workers.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { isSet, type Environment } from '../../config/environment.ts';
import type { ActingSettings, Problem } from '../../config/settings.ts';
import { concurrencyAt } from '../../core/scaling-state.ts';
import { bootMsOf } from '../../control/policy.ts';
import { failureOf } from '../../failure.ts';
import type { Clock, Remembered } from '../../ports.ts';
import { assemble, storedJournal, type Assembly } from '../composition.ts';
import { failed, pass, passed, warn, type Check } from './check.ts';
import { checkClock } from './clock.ts';
import { checkHeroku, type PlatformChecks } from './heroku.ts';
import { checkKubernetes } from './kubernetes.ts';
import { checkNotify } from './notify.ts';
import { checkQueues } from './queues.ts';
import { checkRedis, checkServer, checkState } from './redis.ts';
import { checkSettings } from './settings.ts';
import { checkSizing } from './sizing.ts';
import { checkTls } from './tls.ts';
import { checkWords, type CheckWords } from './words.ts';
import { checkWorkers, type TypeFacts } from './workers.ts';

/** Longer than any single check may take: what has not answered by then has failed. */
const DEADLINE_MS = 15_000;
/** The ticks of two hours. */
const MOST_ENTRIES = 720;

type Subject = {
  readonly settings: ActingSettings;
  readonly assembly: Assembly;
  readonly words: CheckWords;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
};

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
    const rest = passed(first) ? await redisChecks(subject, platform.quantities) : [];
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

async function redisChecks(
  subject: Subject,
  quantities: ReadonlyMap<string, number> | undefined,
): Promise<Check[]> {
  const { settings, assembly, clock, signal } = subject;
  const { redis, state, keys } = assembly;
  const remembered = await savedState(subject);
  const server = await checkServer(redis, { ...settings.redis, holds: 'jobs' }, clock, signal);
  const jobs = await jobChecks(subject, remembered, quantities);
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

async function jobChecks(
  { settings, assembly, words, clock, signal }: Subject,
  remembered: ReadonlyMap<string, Remembered>,
  quantities: ReadonlyMap<string, number> | undefined,
): Promise<Check[]> {
  const { redis, ports } = assembly;
  const { processTypes } = settings;
  const names = processTypes.map(({ processType }) => processType);
  try {
    const selections = processTypes.map(({ queues }) => ({ patterns: queues, horizonMs: 0 }));
    const [backlogs, connected, readings, reportingElsewhere] = await Promise.all([
      ports.backlog.read(selections, clock.now(), signal),
      connectedWorkers(redis, settings.redis.prefix, signal),
      ports.workers.read(names, signal).catch(() => new Map<string, TypeFacts['reading']>()),
      assembly.state === redis ? [] : reportingTypes(redis, settings.appName, names, signal).catch(() => []),
    ]);
    const types = processTypes.flatMap((type, index): TypeFacts[] => {
      const backlog = backlogs[index];
      const reading = readings.get(type.processType) ?? { reports: [] };
      const learnedConcurrency = concurrencyAt(remembered.get(type.processType)?.scaling, clock.now());
      return backlog ? [{ settings: type, backlog, reading, learnedConcurrency }] : [];
    });
    return [
      ...(await checkQueues(redis, { ...settings, noun: words.noun }, backlogs, signal)),
      ...checkWorkers({ connected, quantities, reportingElsewhere }, types, words),
    ];
  } catch (thrown) {
    return [failed('queues', failureOf(thrown))];
  }
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
