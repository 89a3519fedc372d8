import { InvalidArgumentError, Option, type Command } from 'commander';

import { spanOption } from '../spans.ts';
import { POLICY_FLAGS, type PolicyFlags } from './policy-flags.ts';

/** Repeated here, so that `--help` need not load the generators; a test compares both lists. */
const WORKLOADS = ['steady', 'daily', 'bursts', 'flash', 'newsletter', 'long', 'mixed'] as const;
const WORKERS = ['unnamed', 'named', 'helper'] as const;

const WEEK_MS = 7 * 86_400_000;
const MOST_HOURS = 24 * 31;

export type SimulateOptions = PolicyFlags & {
  readonly workload: (typeof WORKLOADS)[number];
  readonly seed: number;
  readonly hours: number;
  readonly trace?: string;
  readonly history?: boolean;
  readonly since: number;
  readonly processType?: string;
  readonly app?: string;
  readonly workers: (typeof WORKERS)[number];
  /** Absent: two thirds to four thirds of the boot time that the policy plans with. */
  readonly boots?: { readonly fromMs: number; readonly toMs: number };
  readonly failedBoots: number;
  readonly slowStart: number;
  readonly json?: boolean;
  readonly html?: string;
};

export function simulateCommand(program: Command): void {
  const command = program
    .command('simulate')
    .description('compare your policy with others on a generated or recorded workload')
    .addOption(
      new Option('--workload <name>', 'the workload to generate').choices(WORKLOADS).default('daily'),
    )
    .option('--seed <n>', 'seed of the random generator', wholeFrom(0, 4_294_967_295), 1)
    .option('--hours <n>', 'length of the generated workload', wholeFrom(1, MOST_HOURS), 24)
    .addOption(
      new Option('--trace <file>', 'replay a CSV file with lines of t_s,service_s').conflicts([
        'workload',
        'hours',
      ]),
    )
    .addOption(
      new Option('--history', 'replay what your clock recorded').conflicts(['workload', 'hours', 'trace']),
    )
    .addOption(
      new Option('--since <time>', 'with --history: the period up to now, such as 24h')
        .argParser(spanOption('10m', '30d'))
        .default(WEEK_MS, '7d'),
    )
    .option('--process-type <name>', 'use its settings; with --history: replay its queues')
    .option('--app <name>', 'use the settings of this one of TARGET_APPS; with --history: replay it')
    .addOption(
      new Option(
        '--workers <kind>',
        'whether workers have no names, are named after their dyno, or use drover/worker',
      )
        .choices(WORKERS)
        .default('named'),
    )
    .option(
      '--boots <range>',
      'shortest and longest boot in seconds, such as 20-40 (default: a third around --boot)',
      bootRange,
    )
    .option(
      '--failed-boots <percent>',
      'share of boots that crash; the dyno is restarted',
      numberFrom(0, 90),
      0,
    )
    .option(
      '--slow-start <times>',
      'factor by which the first jobs of a dyno take longer',
      numberFrom(1, 100),
      1,
    )
    .option('--json', 'print JSON')
    .option('--html <file>', 'also write an HTML page with charts');
  for (const [flag, variable] of Object.values(POLICY_FLAGS)) command.option(flag, `overrides ${variable}`);
  command
    .addHelpText(
      'after',
      '\nThe policy comes from the environment; flags override it. Only --history reads\nRedis. Heroku is not used.',
    )
    .action(async (options: SimulateOptions) => {
      await (await import('../commands/simulate.ts')).simulate(options);
    });
}

const LONGEST_BOOT_S = 3600;

function bootRange(text: string): SimulateOptions['boots'] {
  const [, from = '', to = from] = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  if (from === '' || Number(from) > Number(to) || Number(to) > LONGEST_BOOT_S)
    throw new InvalidArgumentError('It must be a range of seconds such as 20-40, up to 3600.');
  return { fromMs: Number(from) * 1000, toMs: Number(to) * 1000 };
}

function numberFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(?:\.\d+)?$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };
}

function wholeFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
