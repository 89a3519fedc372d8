import type { Command } from 'commander';

import type { Settings } from '../../config/settings.ts';
import { keepHeapSmall } from '../small-heap.ts';
import type { RunParts } from '../run-parts.ts';

/** How long the end of the process may take once asked for: the platform's own patience is six times as long. */
const SHUTDOWN_MS = 4500;

export function runCommand(program: Command): void {
  program
    .command('run')
    .description('scale on SCHEDULE until SIGTERM')
    .option('--once', 'make one tick, then exit')
    .option('--dry-run', 'write nothing anywhere: no PATCH, no Redis write')
    .action(async ({ once = false, dryRun = false }: { once?: boolean; dryRun?: boolean }) => {
      // Before anything slow, so that a SIGTERM during the start is an orderly end too.
      const stop = new AbortController();
      const onSignal = (): void => {
        stop.abort();
        setTimeout(() => process.exit(0), SHUTDOWN_MS).unref();
      };
      process.once('SIGTERM', onSignal).once('SIGINT', onSignal);

      keepHeapSmall();
      const { settingsFrom } = await import('../settings.ts');
      const { settings, hints } = settingsFrom(process.env);
      const { startRunParts } = await import('../run-parts.ts');
      const acts = !(dryRun || settings.dryRun);
      // A one-shot command's answer goes to stdout, its log to stderr.
      const work = await startRunParts(settings, hints, acts, once ? process.stderr : process.stdout);
      try {
        await (once ? runOnce(work, settings, stop.signal) : runOn(work, settings, acts, stop.signal));
      } finally {
        await work.end();
      }
    });
}

async function runOnce(
  { assembly, onTick }: RunParts,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  const [
    { tickOnce, untilNextMs },
    { conclude },
    { describe },
    { succeeded },
    { secretsOf },
    { processOutput },
  ] = await Promise.all([
    import('../../control/run.ts'),
    import('../../control/reconcile.ts'),
    import('../../reporting/describe.ts'),
    import('../../control/outcome.ts'),
    import('../settings.ts'),
    import('../output.ts'),
  ]);
  const { ports, schedule } = assembly;
  const tickMs = untilNextMs(schedule, ports.clock.now());
  const { tick, carried } = await tickOnce({ ports, tickMs, signal }, settings.processTypes, undefined);
  onTick(tick);
  await conclude(ports, carried);
  const output = processOutput(secretsOf(settings));
  for (const outcome of tick.outcomes) output.answer(describe(outcome));
  if (tick.standby) output.answer('another clock holds the lease: nothing was done');
  process.exitCode = succeeded(tick) ? 0 : 1;
}

async function runOn(work: RunParts, settings: Settings, acts: boolean, signal: AbortSignal): Promise<void> {
  const { assembly, logger, recorder } = work;
  const processTypes = settings.processTypes.map(({ processType }) => processType);
  const { appName } = settings.heroku;
  logger.info(
    { processTypes, acts },
    `scaling ${appName} on ${settings.schedule}${acts ? '' : ', as a dry run: nothing is written'}`,
  );
  const sample = settings.logSamples ? await sampler(settings) : undefined;
  const [{ run }, { conclude }] = await Promise.all([
    import('../../control/run.ts'),
    import('../../control/reconcile.ts'),
  ]);
  const server = settings.http.dashboard
    ? await (await import('../dashboard.ts')).startDashboard(assembly, recorder, settings.http, logger)
    : undefined;
  if (server) logger.info(`dashboard at ${server.url}`);
  const onTick: RunParts['onTick'] = (tick) => {
    work.onTick(tick);
    sample?.(tick);
  };
  const carried = await run({ ...assembly, onTick, signal }, settings.processTypes);
  // First of all, so that the next clock does not wait for the rest.
  await conclude(assembly.ports, carried);
  await server?.close();
  logger.info('asked to stop: done');
}

/** Figures of each tick for a log drain, as plain lines: inside JSON it would not find them. */
async function sampler(settings: Settings): Promise<RunParts['onTick']> {
  const [{ samplesOf }, { entryOf }, { processOutput }, { secretsOf }] = await Promise.all([
    import('../../journal/samples.ts'),
    import('../../reporting/entry-of.ts'),
    import('../output.ts'),
    import('../settings.ts'),
  ]);
  const output = processOutput(secretsOf(settings));
  return (tick) => {
    if (!tick.standby) output.answer(samplesOf(entryOf(tick), settings.heroku.appName));
  };
}
