import type { ActingSettings, Mode } from '../../config/settings.ts';
import type { HerokuAccount } from '../../adapters/heroku/account.ts';
import { succeeded, type Tick } from '../../control/outcome.ts';
import { conclude } from '../../control/reconcile.ts';
import { run as runClock, tickOnce, untilNextMs } from '../../control/run.ts';
import { samplesOf } from '../../journal/samples.ts';
import { describe } from '../../reporting/describe.ts';
import { entryOf } from '../../reporting/entry-of.ts';
import { checkTls } from '../checks/tls.ts';
import { accountsOf, assemble, notifierFor, type Assembly } from '../composition.ts';
import { PLATFORM_TEXTS, statusTexts } from '../platforms.ts';
import { createLogger, type Logger } from '../log.ts';
import { processOutput, type Output } from '../output.ts';
import { restarting } from '../restarting.ts';
import { allSettingsFrom, secretsOf } from '../settings.ts';
import { answersOf, giveAnswer, type Answer } from '../several.ts';
import { tickLog, type TickLog } from '../tick-log.ts';

const MODE_NOTES: Readonly<Record<Mode, string>> = {
  act: '',
  shadow: ' (shadow: nothing is changed on the platform)',
  'dry-run': ' (dry run: nothing is written)',
};

type Options = { readonly once?: boolean; readonly dryRun?: boolean };

/** The clock of one app. */
type Clock = {
  readonly appName: string;
  readonly settings: ActingSettings;
  readonly mode: Mode;
  readonly logger: Logger;
  readonly assembly: Assembly;
  readonly log: TickLog;
};

/** What the clocks of a process share. */
type Whole = { readonly logger: Logger; readonly output: Output; readonly signal: AbortSignal };

export async function run({ once = false, dryRun = false }: Options, signal: AbortSignal): Promise<void> {
  const { apps, hints } = allSettingsFrom(process.env);
  const [first] = apps;
  // The result of a one-shot command goes to stdout, its log to stderr.
  const stream = once ? process.stderr : process.stdout;
  const logger = await createLogger(stream, first.logLevel, secretsOf(...apps));
  for (const { variable, message } of hints) logger.warn({ variable }, `${variable} ${message}`);
  const accounts = accountsOf(apps);
  const clocks = await Promise.all(
    apps.map(async (settings, index) => {
      const own = apps.length === 1 ? logger : loggerOf(settings.appName, logger);
      return await clockOf(settings, dryRun ? 'dry-run' : settings.mode, own, accounts[index]);
    }),
  );
  const output = processOutput(secretsOf(...apps));
  try {
    if (once)
      giveAnswer(await answersOf(clocks, 'blocks', async (clock) => await runOnce(clock, signal)), output);
    else await runAll(clocks, { logger, output, signal });
  } finally {
    await Promise.all(clocks.map(async ({ log }) => await log.recorder.done()));
    for (const { assembly } of clocks) assembly.close();
  }
}

/** Of several apps, each line names its own. */
function loggerOf(app: string, logger: Logger): Logger {
  return logger.child({ app }, { msgPrefix: `${app}: ` });
}

async function clockOf(
  settings: ActingSettings,
  mode: Mode,
  logger: Logger,
  account: HerokuAccount | undefined,
): Promise<Clock> {
  for (const { name, detail } of checkTls(settings)) logger.info(`${name}: ${detail}`);
  const onDiscarded = (processType: string): void =>
    logger.warn({ processType }, `${processType}: saved state unreadable; starting fresh`);
  const assembly = await assemble(settings, mode, onDiscarded, account);
  const sinks = {
    journal: assembly.journal,
    notifier: mode === 'act' ? await notifierFor(settings) : undefined,
  };
  const { appName, timeZone } = settings;
  const log = tickLog(logger, sinks, {
    appName,
    timeZone,
    ...statusTexts(settings.platform),
    ...(mode === 'shadow' ? { shadow: true } : {}),
  });
  return { appName, settings, mode, logger, assembly, log };
}

async function runOnce({ settings, assembly, log }: Clock, signal: AbortSignal): Promise<Answer> {
  const { ports, schedule } = assembly;
  const tickMs = untilNextMs(schedule, ports.clock.now());
  const { tick, carried } = await tickOnce({ ports, tickMs, signal }, settings.processTypes, undefined);
  log.onTick(tick);
  await conclude(ports, carried);
  const standby = tick.standby ? ['another clock holds the lease: nothing was done'] : [];
  return { text: [...tick.outcomes.map(describe), ...standby].join('\n'), ok: succeeded(tick) };
}

/** One loop per app, until the signal aborts. */
async function runAll(clocks: readonly Clock[], whole: Whole): Promise<void> {
  const { logger, output, signal } = whole;
  for (const { settings, mode, logger: own } of clocks) {
    const processTypes = settings.processTypes.map(({ processType }) => processType);
    own.info(
      { processTypes, acts: mode === 'act' },
      `scaling ${settings.appName} on ${settings.schedule}${MODE_NOTES[mode]}`,
    );
  }
  const server = await serveDashboard(clocks, logger);
  const loops = clocks.map(async (clock) => {
    // A signal of its own, so that many apps do not wait on one.
    const own = AbortSignal.any([signal]);
    const loop = async (): Promise<void> => await runUntil(clock, output, own);
    await (clocks.length === 1
      ? loop()
      : restarting(loop, { logger: clock.logger, clock: clock.assembly.ports.clock, signal: own }));
  });
  await Promise.all(loops);
  await server?.close();
  logger.info('stopped');
}

async function runUntil(
  { settings, assembly, log }: Clock,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const onTick = (tick: Tick): void => {
    log.onTick(tick);
    // Plain lines: inside JSON a log drain would not find them.
    if (settings.logSamples && !tick.standby) output.answer(samplesOf(entryOf(tick), settings.appName));
  };
  void assembly.foresight?.run(signal);
  const carried = await runClock({ ...assembly, onTick, signal }, settings.processTypes);
  // First, so that the next clock need not wait for the rest.
  await conclude(assembly.ports, carried);
}

/** Loads the HTTP side only where it is used: it takes a third more memory. */
async function serveDashboard(
  clocks: readonly Clock[],
  logger: Logger,
): Promise<{ close(): Promise<void> } | undefined> {
  const http = clocks[0]?.settings.http;
  if (http?.dashboard !== true) return undefined;
  const { ownPorts, startDashboard } = await import('../dashboard.ts');
  const each = clocks.map(({ appName, settings, assembly: { journal, pause, ports }, log }) => {
    const { prices } = PLATFORM_TEXTS[settings.platform];
    const publishes = settings.platform === 'keda';
    const served = { appName, journal, pause, clock: ports.clock, prices, publishes };
    return ownPorts(served, () => log.recorder.latest());
  });
  const server = await startDashboard(each, http, logger);
  logger.info(`dashboard at ${server.url}`);
  return server;
}
