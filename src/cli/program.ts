import { Argument, Command, Option } from 'commander';

import { version } from '../config/version.ts';
import { FORGETTABLE } from '../core/beliefs.ts';
import type { DemoPlatform } from '../standin/demo-workers.ts';
import { loadSettingsFile } from './files.ts';
import { simulateCommand } from './simulate/command.ts';
import { keepHeapSmall } from './small-heap.ts';
import { spanOption } from './spans.ts';
import { stopSignal } from './stop.ts';

/** How long shutdown may take. Heroku kills a dyno after 30 s. */
const SHUTDOWN_MS = 4500;

const APP_OPTION = ['--app <name>', 'only this one of TARGET_APPS'] as const;

const WEEK_MS = 7 * 86_400_000;

/**
 * Every command with its options. A command is loaded when it is called, so that `--help` and mistyped options answer at
 * once.
 */
export function createProgram(): Command {
  const program = new Command('drover')
    .description('Scales BullMQ workers on Heroku and Kubernetes to match their backlog.')
    .version(version(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .option('--settings <file>', 'read settings from this file too; the environment takes precedence')
    .hook('preAction', (_, command) => {
      const { settings } = command.optsWithGlobals<{ settings?: string }>();
      if (settings !== undefined) loadSettingsFile(settings);
    })
    .exitOverride()
    .addHelpText('after', '\nSettings are environment variables: see .env.example or the README.');

  program
    .command('run')
    .description('scale on SCHEDULE until SIGTERM')
    .option('--once', 'make one tick, then exit')
    .option('--dry-run', 'write nothing: no PATCH, no Redis write')
    .action(async (options: { once?: boolean; dryRun?: boolean }) => {
      // Before the slow imports, so that a SIGTERM during startup ends in order too.
      const signal = stopSignal(() => setTimeout(() => process.exit(0), SHUTDOWN_MS).unref());
      keepHeapSmall();
      await (await import('./commands/run.ts')).run(options, signal);
    });

  program
    .command('init')
    .description('set Drover up on Heroku, in this folder: read what is there, ask, write .env and Procfile')
    .option('--yes', 'ask nothing; take the defaults')
    .action(async (options: { yes?: boolean }) => {
      await (await import('./commands/init.ts')).init(options);
    });

  program
    .command('plan')
    .description('show what the next tick would do and why; changes nothing')
    .option('--json', 'print JSON')
    .option(...APP_OPTION)
    .action(async (options: { json?: boolean; app?: string }) => {
      await (await import('./commands/plan.ts')).plan(options);
    });

  program
    .command('check')
    .description('check settings, Redis, queues, token and app; print a remedy for each problem')
    .option(...APP_OPTION)
    .action(async (options: { app?: string }) => {
      await (await import('./commands/check.ts')).check(options);
    });

  program
    .command('demo')
    .description(
      'run Drover on this machine: a stand-in for the platform, worker processes and bursts of jobs',
    )
    .addOption(
      new Option('--platform <name>', 'where the workers run')
        .choices(['heroku', 'kubernetes'])
        .default('heroku'),
    )
    .option('--for <time>', 'stop after this time, such as 60s or 2m', spanOption('5s', '24h'))
    .action(async (options: { for?: number; platform: DemoPlatform }) => {
      await (await import('./commands/demo.ts')).demo(options);
    });

  program
    .command('status')
    .description('show what the clock last read and decided')
    .option('--watch', 'refresh every two seconds until Ctrl-C')
    .option('--json', 'print JSON')
    .option(...APP_OPTION)
    .action(async (options: { watch?: boolean; json?: boolean; app?: string }) => {
      await (await import('./commands/status.ts')).status(options);
    });

  program
    .command('serve')
    .description('serve the dashboard and /metrics; scales nothing')
    .action(async () => {
      const signal = stopSignal();
      await (await import('./commands/serve.ts')).serve(signal);
    });

  program
    .command('pause')
    .description('suspend scaling; the clock still reads and reports')
    .option('--for <time>', 'resume after this time, such as 30m or 2h', spanOption('1s', '365d'))
    .option(...APP_OPTION)
    .action(async (options: { for?: number; app?: string }) => {
      await (await import('./commands/pause.ts')).pause(options.for, options.app);
    });

  program
    .command('resume')
    .description('resume scaling')
    .option(...APP_OPTION)
    .action(async (options: { app?: string }) => {
      await (await import('./commands/pause.ts')).resume(options.app);
    });

  const kinds = new Argument('<kinds...>', 'as listed by `drover status`').choices([...FORGETTABLE, 'all']);
  program
    .command('forget')
    .description('discard what the clock believes, such as a learned boot time')
    .addArgument(kinds)
    .option('--yes', 'do not ask for confirmation')
    .option(...APP_OPTION)
    .action(async (names: string[], options: { yes?: boolean; app?: string }) => {
      await (await import('./commands/forget.ts')).forget(names, options);
    });

  program
    .command('report')
    .description('report dyno-hours, cost and savings, wait times and bursts')
    .addOption(
      new Option('--since <time>', 'the period up to now, such as 24h')
        .argParser(spanOption('1m', '30d'))
        .default(WEEK_MS, '7d'),
    )
    .option('--json', 'print JSON')
    .option('--html <file>', 'also write an HTML page')
    .option(...APP_OPTION)
    .action(async (options: { since: number; json?: boolean; html?: string; app?: string }) => {
      await (await import('./commands/report.ts')).report(options);
    });

  simulateCommand(program);

  program
    .command('notify')
    .description('send a test message to NOTIFY_URL')
    .requiredOption('--test', 'send a test message')
    .option(...APP_OPTION)
    .action(async (options: { app?: string }) => {
      await (await import('./commands/notify.ts')).notify(options.app);
    });

  return program;
}
