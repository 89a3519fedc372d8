import type { Command } from 'commander';

import type { Failure } from '../failure.ts';
import { processOutput } from './output.ts';
import { keepHeapSmall } from './small-heap.ts';

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
      const { secretsOf, settingsFrom } = await import('./settings.ts');
      const { settings, hints } = settingsFrom(process.env);
      const secrets = secretsOf(settings);
      const [{ createLogger }, { assemble }, { run, tickOnce }, { NOTHING_TOLD, report }, { succeeded }] =
        await Promise.all([
          import('./log.ts'),
          import('./assemble.ts'),
          import('../loop/run.ts'),
          import('../loop/report.ts'),
          import('../loop/outcome.ts'),
        ]);
      // A one-shot command's answer goes to stdout, its log to stderr.
      const logger = await createLogger(once ? process.stderr : process.stdout, settings.logLevel, secrets);
      for (const { variable, message } of hints) logger.warn({ variable }, `${variable} ${message}`);
      const acts = !(dryRun || settings.dryRun);
      const assembly = await assemble(settings, acts, (processType) =>
        logger.warn({ processType }, `${processType}: what was remembered is not readable, starting afresh`),
      );

      const { recorder } = await import('../loop/recorder.ts');
      const records = recorder(
        assembly.journal,
        settings.notifyUrl === undefined || !acts
          ? undefined
          : (await import('../adapters/notify/webhook.ts')).webhookNotifier(
              settings.notifyUrl,
              settings.heroku.appName,
            ),
        { appName: settings.heroku.appName, timeZone: settings.timeZone },
        assembly.schedule.intervalMs,
        onceEach((what, { code, message, remedy }) =>
          logger.warn(
            { code },
            // Why Redis does not answer is told of the tick itself.
            what === 'journal' ? `not recorded for status and report: ${code}` : `${message}. ${remedy}`,
          ),
        ),
      );
      let told = NOTHING_TOLD;
      const onTick = (tick: Parameters<typeof report>[1]): void => {
        const said = report(told, tick);
        told = said.told;
        records.see(tick);
        for (const { level, message, fields } of said.lines) logger[level](fields, message);
      };
      try {
        const { ports, schedule } = assembly;
        if (once) {
          const { tick } = await tickOnce(
            ports,
            settings.processTypes,
            schedule.intervalMs,
            undefined,
            stop.signal,
          );
          onTick(tick);
          const output = processOutput(secrets);
          const { describe } = await import('../loop/describe.ts');
          for (const outcome of tick.outcomes) output.answer(describe(outcome));
          if (tick.standby) output.answer('another clock holds the lease: nothing was done');
          process.exitCode = succeeded(tick) ? 0 : 1;
        } else {
          logger.info(
            { processTypes: settings.processTypes.map(({ processType }) => processType), acts },
            `scaling ${settings.heroku.appName} on ${settings.schedule}${acts ? '' : ', as a dry run: nothing is written'}`,
          );
          const { http } = settings;
          const server = http.dashboard
            ? await (
                await import('../http/server.ts')
              ).startServer(
                {
                  journal: {
                    ...assembly.journal,
                    // What this clock knows itself needs no Redis: that may be what is down.
                    load: async (signal) => records.latest() ?? (await assembly.journal.load(signal)),
                  },
                  pause: assembly.pause,
                  clock: ports.clock,
                },
                http,
                ({ code, message, remedy }) => logger.warn({ code }, `dashboard: ${message}. ${remedy}`),
              )
            : undefined;
          if (server) logger.info(`dashboard at ${server.url}`);
          await run(ports, settings.processTypes, schedule, onTick, stop.signal);
          await server?.close();
          logger.info('asked to stop: done');
        }
      } finally {
        await records.done();
        await assembly.ports.lease.release(AbortSignal.timeout(1000)).catch(() => {});
        assembly.close();
      }
    });
}

/** A failure is told when it begins, not every tick that it lasts. */
function onceEach(
  tell: (what: string, failure: Failure) => void,
): (what: string, failure: Failure | undefined) => void {
  const known = new Map<string, string>();
  return (what, failure) => {
    if (failure && known.get(what) !== failure.code) tell(what, failure);
    if (failure) known.set(what, failure.code);
    else known.delete(what);
  };
}
