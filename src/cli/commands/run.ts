import type { ActingSettings, Mode, Problem, Settings } from '../../config/settings.ts';
import { succeeded, type Tick } from '../../control/outcome.ts';
import { conclude } from '../../control/reconcile.ts';
import { run as runClock, tickOnce, untilNextMs } from '../../control/run.ts';
import { samplesOf } from '../../journal/samples.ts';
import { describe } from '../../reporting/describe.ts';
import { entryOf } from '../../reporting/entry-of.ts';
import { checkTls } from '../checks/tls.ts';
import { assemble, notifierFor, type Assembly } from '../composition.ts';
import { PLATFORM_TEXTS, statusTexts } from '../platforms.ts';
import { createLogger, type Logger } from '../log.ts';
import { processOutput } from '../output.ts';
import { secretsOf, settingsFrom } from '../settings.ts';
import { tickLog, type TickLog } from '../tick-log.ts';

const MODE_NOTES: Readonly<Record<Mode, string>> = {
  act: '',
  shadow: ' (shadow: nothing is changed on the platform)',
  'dry-run': ' (dry run: nothing is written)',
};

type Options = { readonly once?: boolean; readonly dryRun?: boolean };

type Clock = {
  readonly settings: ActingSettings;
  readonly mode: Mode;
  readonly logger: Logger;
  readonly assembly: Assembly;
  readonly log: TickLog;
};

export async function run({ once = false, dryRun = false }: Options, signal: AbortSignal): Promise<void> {
  const { settings, hints } = settingsFrom(process.env);
  const mode = dryRun ? 'dry-run' : settings.mode;
  // The result of a one-shot command goes to stdout, its log to stderr.
  const stream = once ? process.stderr : process.stdout;
  const logger = await createLogger(stream, settings.logLevel, secretsOf(settings));
  logHints(logger, settings, hints);
  const assembly = await assemble(settings, mode, (processType) =>
    logger.warn({ processType }, `${processType}: saved state unreadable; starting fresh`),
  );
  const sinks = {
    journal: assembly.journal,
    notifier: mode === 'act' ? await notifierFor(settings) : undefined,
  };
  const log = tickLog(logger, sinks, {
    appName: settings.appName,
    timeZone: settings.timeZone,
    ...statusTexts(settings.platform),
    ...(mode === 'shadow' ? { shadow: true } : {}),
  });
  const clock = { settings, mode, logger, assembly, log };
  try {
    await (once ? runOnce(clock, signal) : runUntil(clock, signal));
  } finally {
    await log.recorder.done();
    assembly.close();
  }
}

function logHints(logger: Logger, settings: Settings, hints: readonly Problem[]): void {
  for (const { variable, message } of hints) logger.warn({ variable }, `${variable} ${message}`);
  for (const { name, detail } of checkTls(settings)) logger.info(`${name}: ${detail}`);
}

async function runOnce({ settings, assembly, log }: Clock, signal: AbortSignal): Promise<void> {
  const { ports, schedule } = assembly;
  const tickMs = untilNextMs(schedule, ports.clock.now());
  const { tick, carried } = await tickOnce({ ports, tickMs, signal }, settings.processTypes, undefined);
  log.onTick(tick);
  await conclude(ports, carried);
  const output = processOutput(secretsOf(settings));
  for (const outcome of tick.outcomes) output.answer(describe(outcome));
  if (tick.standby) output.answer('another clock holds the lease: nothing was done');
  process.exitCode = succeeded(tick) ? 0 : 1;
}

async function runUntil(clock: Clock, signal: AbortSignal): Promise<void> {
  const { settings, mode, logger, assembly, log } = clock;
  const processTypes = settings.processTypes.map(({ processType }) => processType);
  logger.info(
    { processTypes, acts: mode === 'act' },
    `scaling ${settings.appName} on ${settings.schedule}${MODE_NOTES[mode]}`,
  );
  const server = settings.http.dashboard ? await serveDashboard(clock) : undefined;
  const sample = settings.logSamples ? sampler(settings) : undefined;
  const onTick = (tick: Tick): void => {
    log.onTick(tick);
    sample?.(tick);
  };
  void assembly.foresight?.run(signal);
  const carried = await runClock({ ...assembly, onTick, signal }, settings.processTypes);
  // First, so that the next clock need not wait for the rest.
  await conclude(assembly.ports, carried);
  await server?.close();
  logger.info('stopped');
}

/** Loads the HTTP side only where it is used: it takes a third more memory. */
async function serveDashboard({
  assembly,
  settings,
  logger,
  log,
}: Clock): Promise<{ close(): Promise<void> }> {
  const { ownPorts, startDashboard } = await import('../dashboard.ts');
  const { journal, pause, ports } = assembly;
  const { prices } = PLATFORM_TEXTS[settings.platform];
  const own = ownPorts({ journal, pause, clock: ports.clock, prices }, () => log.recorder.latest());
  const server = await startDashboard(own, settings.http, logger);
  logger.info(`dashboard at ${server.url}`);
  return server;
}

/** Writes the figures of each tick as plain lines: inside JSON a log drain would not find them. */
function sampler(settings: Settings): (tick: Tick) => void {
  const output = processOutput(secretsOf(settings));
  return (tick) => {
    if (!tick.standby) output.answer(samplesOf(entryOf(tick), settings.appName));
  };
}
