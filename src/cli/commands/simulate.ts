import { readFile } from 'node:fs/promises';

import { InvalidArgumentError, Option, type Command } from 'commander';

import type { Workload } from '../../sim/index.ts';
import { processOutput } from '../output.ts';
import { spanOption } from '../span-option.ts';
import { POLICY_FLAGS, policyFrom, type PolicyFlags } from '../simulate-policy.ts';
import { writePage } from '../write-page.ts';

/** The names are not taken from the generators, so that `--help` need not load them; a test holds the two together. */
const WORKLOADS = ['steady', 'daily', 'bursts', 'flash', 'newsletter', 'long', 'mixed'] as const;
const WORKERS = ['unnamed', 'named', 'helper'] as const;

const WEEK_MS = 7 * 86_400_000;

/** Names in a recorded workload are from Redis, and a trace's name from the file: neither may steer a terminal. */
const output = processOutput([]);

type Options = PolicyFlags & {
  readonly workload: (typeof WORKLOADS)[number];
  readonly seed: number;
  readonly hours: number;
  readonly trace?: string;
  readonly history?: boolean;
  readonly since: number;
  readonly processType?: string;
  readonly workers: (typeof WORKERS)[number];
  readonly json?: boolean;
  readonly html?: string;
};

export function simulateCommand(program: Command): void {
  const command = program
    .command('simulate')
    .description('a workload under your settings and under what you could use instead, side by side')
    .addOption(new Option('--workload <name>', 'a generated workload').choices(WORKLOADS).default('daily'))
    .option('--seed <n>', 'the seed of what is generated and of chance', wholeFrom(0, 4_294_967_295), 1)
    .option('--hours <n>', 'the length of what is generated', wholeFrom(1, 24 * 31), 24)
    .addOption(
      new Option('--trace <file>', 'a recorded workload instead: lines of t_s,service_s').conflicts([
        'workload',
        'hours',
      ]),
    )
    .addOption(
      new Option('--history', 'what your own clock recorded instead').conflicts([
        'workload',
        'hours',
        'trace',
      ]),
    )
    .addOption(
      new Option('--since <time>', 'how far back: such as 24h')
        .argParser(spanOption('10m', '30d'))
        .default(WEEK_MS, '7d'),
    )
    .option('--process-type <name>', 'of the history of several, and its settings')
    .addOption(
      new Option('--workers <kind>', 'what workers tell Drover: nothing, their names, or by the helper')
        .choices(WORKERS)
        .default('named'),
    )
    .option('--json', 'print the figures as JSON')
    .option('--html <file>', 'write a page with plots, too');
  for (const [flag, variable] of Object.values(POLICY_FLAGS)) command.option(flag, variable);
  command
    .addHelpText(
      'after',
      '\nSettings come from the environment; a flag wins. Redis and Heroku are not needed,\nbut for --history, which reads what the clock keeps in Redis.',
    )
    .action(async (options: Options) => {
      if (options.history) {
        const { aboutPast, readPast } = await import('../simulate-history.ts');
        const past = await readPast(options.since, options.processType, options.seed);
        if ('wrong' in past) {
          output.note(`drover: ${past.wrong}`);
          process.exitCode = 1;
        } else await play(past.workload, { ...options, processType: past.processType }, aboutPast(past));
        return;
      }
      const workload = await workloadOf(options).catch((thrown: unknown) => command.error(wordsOf(thrown)));
      await play(workload, options);
    });
}

function wholeFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

async function workloadOf({ trace, workload, seed, hours }: Options): Promise<Workload> {
  if (trace === undefined) {
    const { generate } = await import('../../sim/index.ts');
    return generate(workload, seed, hours);
  }
  const [{ parseTrace }, text] = await Promise.all([import('../../sim/index.ts'), readFile(trace, 'utf8')]);
  const jobs = parseTrace(text);
  const name = trace.split(/[/\\]/).at(-1) ?? trace;
  return { name, jobs, concurrency: 1, lengthMs: jobs.reduce((last, { atMs }) => Math.max(last, atMs), 0) };
}

/** Only what this command can be given wrong; anything else is not foreseen, and goes on. */
function wordsOf(thrown: unknown): string {
  if (thrown instanceof Error && thrown.name === 'TraceError') return `error: ${thrown.message}`;
  if (thrown instanceof Error && 'code' in thrown && 'path' in thrown) {
    return `error: the trace ${String(thrown.path)} cannot be read (${String(thrown.code)})`;
  }
  throw thrown;
}

async function play(workload: Workload, options: Options, note?: string): Promise<void> {
  const [{ compare, droverController }, { simulationText, simulationJson }, { progressBar }] =
    await Promise.all([
      import('../../sim/index.ts'),
      import('../views/simulate.ts'),
      import('../views/simulate-progress.ts'),
    ]);
  const { settings, tickMs, bootMs, maxWaitMs, concurrency } = await policyFrom(
    process.env,
    options,
    options.processType,
  );
  const played = { ...workload, concurrency: concurrency ?? workload.concurrency };
  const ours = droverController({
    name: 'Drover',
    settings: { ...settings, concurrency: played.concurrency },
    tickMs,
    workers: options.workers,
  });
  const bar = progressBar(process.stderr);
  const platform = { bootMs, bootSpread: 0, seed: options.seed };
  const runs = await compare(played, [ours], {
    bounds: settings,
    platform,
    maxWaitMs,
    onProgress: (share) => bar.progress(share),
  }).finally(() => bar.done());
  const simulation = { workload: played, maxWaitMs, bootMs, runs, note };
  output.answer(options.json ? simulationJson(simulation) : simulationText(simulation));
  if (options.html !== undefined) {
    const { simulationPage } = await import('../views/simulate-page.ts');
    await writePage(options.html, await simulationPage(simulation));
    output.note(`Wrote ${options.html}`);
  }
}
