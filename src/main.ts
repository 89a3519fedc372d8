#!/usr/bin/env node
import { Command, CommanderError } from 'commander';

import { checkCommand } from './cli/commands/check.ts';
import { demoCommand } from './cli/commands/demo.ts';
import { forgetCommand } from './cli/commands/forget.ts';
import { notifyCommand } from './cli/commands/notify.ts';
import { tolerateClosedOutput } from './cli/output.ts';
import { pauseCommand } from './cli/commands/pause.ts';
import { planCommand } from './cli/commands/plan.ts';
import { reportCommand } from './cli/commands/report.ts';
import { runCommand } from './cli/commands/run.ts';
import { serveCommand } from './cli/commands/serve.ts';
import { simulateCommand } from './cli/commands/simulate.ts';
import { statusCommand } from './cli/commands/status.ts';
import { SettingsError } from './cli/settings-error.ts';
import { FileError } from './cli/write-page.ts';
import { version } from './config/version.ts';
import { Failure } from './failure.ts';

const EXIT_FAILED = 1;
const EXIT_SETTINGS = 2;

const program = new Command('drover')
  .description('Scales BullMQ worker dynos on Heroku to the work that is waiting.')
  .version(version(), '--version', 'print the version')
  .helpOption('--help', 'print this help')
  .helpCommand(false)
  .exitOverride()
  .addHelpText('after', '\nConfigured by environment variables: see .env.example or the README.');

runCommand(program);
planCommand(program);
checkCommand(program);
demoCommand(program);
statusCommand(program);
serveCommand(program);
pauseCommand(program);
forgetCommand(program);
reportCommand(program);
simulateCommand(program);
notifyCommand(program);

tolerateClosedOutput();
try {
  await program.parseAsync();
} catch (thrown) {
  process.exitCode = exitCodeOf(thrown);
}

/** Says what went wrong on stderr, and which exit code that is. */
function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_SETTINGS;
  if (thrown instanceof SettingsError) {
    const lines = thrown.problems.map(({ variable, message }) => `  ${variable} ${message}`);
    process.stderr.write(`drover: ${thrown.message}\n${lines.join('\n')}\n`);
    return EXIT_SETTINGS;
  }
  if (thrown instanceof FileError) {
    process.stderr.write(`error: ${thrown.message}\n`);
    return EXIT_SETTINGS;
  }
  if (thrown instanceof Failure) {
    process.stderr.write(`drover: ${thrown.message}. ${thrown.remedy}\n`);
    return EXIT_FAILED;
  }
  // Not foreseen, so its text may hold anything, a secret too: the kind and the place have to do.
  const { name, stack = '' } = thrown instanceof Error ? thrown : { name: typeof thrown };
  const places = stack.split('\n').filter((line) => /^\s+at /.test(line));
  process.stderr.write(`drover: an unexpected ${name}\n${places.join('\n')}\n`);
  return EXIT_FAILED;
}
