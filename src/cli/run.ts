import type { Command } from 'commander';

import type { Settings } from '../config/settings.ts';
import { keepHeapSmall } from './small-heap.ts';
import type { Work } from './work.ts';

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
      const { settingsFrom } = await import('./settings.ts');
      const { settings, hints } = settingsFrom(process.env);
      const { startWork } = await import('./work.ts');
      const acts = !(dryRun || settings.dryRun);
      // A one-shot command's answer goes to stdout, its log to stderr.
      const work = await startWork(settings, hints, acts, once ? process.stderr : process.stdout);
      try {
        await (once ? runOnce(work, settings, stop.signal) : runOn(work, settings, acts, stop.signal));
      } finally {
        await work.end();
      }
    });
}

async function runOnce({ assembly, onTick }: Work, settings: Settings, signal: AbortSignal): Promise<void> {
  const [{ tickOnce }, { describe }, { succeeded }, { secretsOf }, { processOutput }] = await Promise.all([
    import('../loop/run.ts'),
    import('../loop/describe.ts'),
    import('../loop/outcome.ts'),
    import('./settings.ts'),
    import('./output.ts'),
  ]);
  const { ports, schedule } = assembly;
  const { tick } = await tickOnce(ports, settings.processTypes, schedule.intervalMs, undefined, signal);
  onTick(tick);
  const output = processOutput(secretsOf(settings));
  for (const outcome of tick.outcomes) output.answer(describe(outcome));
  if (tick.standby) output.answer('another clock holds the lease: nothing was done');
  process.exitCode = succeeded(tick) ? 0 : 1;
}

async function runOn(work: Work, settings: Settings, acts: boolean, signal: AbortSignal): Promise<void> {
  const { assembly, logger, recorder } = work;
  const processTypes = settings.processTypes.map(({ processType }) => processType);
  const { appName } = settings.heroku;
  logger.info(
    { processTypes, acts },
    `scaling ${appName} on ${settings.schedule}${acts ? '' : ', as a dry run: nothing is written'}`,
  );
  const sample = settings.logSamples ? await sampler(settings, assembly.schedule.intervalMs) : undefined;
  const { run } = await import('../loop/run.ts');
  const server = settings.http.dashboard
    ? await (
        await import('./dashboard.ts')
      ).startDashboard(assembly, recorder, settings.http, ({ code, message, remedy }) =>
        logger.warn({ code }, `dashboard: ${message}. ${remedy}`),
      )
    : undefined;
  if (server) logger.info(`dashboard at ${server.url}`);
  const onTick: Work['onTick'] = (tick) => {
    work.onTick(tick);
    sample?.(tick);
  };
  await run(assembly.ports, settings.processTypes, assembly.schedule, onTick, signal);
  await server?.close();
  logger.info('asked to stop: done');
}

/** Figures of each tick for a log drain, as plain lines: inside JSON it would not find them. */
async function sampler(settings: Settings, tickMs: number): Promise<Work['onTick']> {
  const [{ samplesOf }, { entryOf }, { processOutput }, { secretsOf }] = await Promise.all([
    import('../journal/samples.ts'),
    import('../loop/record.ts'),
    import('./output.ts'),
    import('./settings.ts'),
  ]);
  const output = processOutput(secretsOf(settings));
  return (tick) => {
    if (!tick.standby) output.answer(samplesOf(entryOf(tick, tickMs), settings.heroku.appName));
  };
}
