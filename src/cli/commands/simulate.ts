import {
  bootsAround,
  compare,
  droverController,
  generate,
  parseTrace,
  TraceError,
  type Workload,
} from '../../sim/index.ts';
import { FileError } from '../errors.ts';
import { readArgument, writeArgument } from '../files.ts';
import { processOutput } from '../output.ts';
import type { SimulateOptions } from '../simulate/command.ts';
import { aboutPast, readPast } from '../simulate/history.ts';
import { simulationPage } from '../simulate/page.ts';
import { policyFrom } from '../simulate/policy.ts';
import { progressBar } from '../simulate/progress-bar.ts';
import { simulationJson, simulationText } from '../simulate/text.ts';

/** The names of queues and traces are printed, and must not control the terminal. */
const output = processOutput([]);

export async function simulate(options: SimulateOptions): Promise<void> {
  if (!options.history) return await replay(await workloadOf(options), options);
  const past = await readPast(options);
  if ('problem' in past) {
    output.note(`drover: ${past.problem}`);
    process.exitCode = 1;
    return;
  }
  await replay(past.workload, { ...options, processType: past.processType }, aboutPast(past));
}

async function workloadOf({ trace, workload, seed, hours }: SimulateOptions): Promise<Workload> {
  if (trace === undefined) return generate(workload, seed, hours);
  const jobs = jobsOf(await readArgument(trace));
  const name = trace.split(/[/\\]/).at(-1) ?? trace;
  return { name, jobs, concurrency: 1, lengthMs: jobs.reduce((last, { atMs }) => Math.max(last, atMs), 0) };
}

function jobsOf(text: string): Workload['jobs'] {
  try {
    return parseTrace(text);
  } catch (cause) {
    throw cause instanceof TraceError ? new FileError(cause.message, { cause }) : cause;
  }
}

async function replay(workload: Workload, options: SimulateOptions, note?: string): Promise<void> {
  const policy = policyFrom(process.env, options, options);
  const { settings, tickMs, bootMs, maxWaitMs } = policy;
  const replayed = { ...workload, concurrency: policy.concurrency ?? workload.concurrency };
  const drover = droverController({
    name: 'Drover',
    settings: { ...settings, concurrency: replayed.concurrency },
    tickMs,
    workers: options.workers,
  });
  const bar = progressBar(process.stderr);
  const boots = {
    ...(options.boots ?? bootsAround(bootMs)),
    crashShare: options.failedBoots / 100,
    slowStart: options.slowStart,
  };
  const runs = await compare(replayed, [drover], {
    bounds: settings,
    platform: { boots, seed: options.seed },
    maxWaitMs,
    onProgress: (share) => bar.progress(share),
  }).finally(() => bar.done());
  const jobsPerWorker = settings.maxWaitMs === undefined ? settings.jobsPerWorker : undefined;
  const simulation = { workload: replayed, maxWaitMs, bootMs, boots, runs, note, jobsPerWorker };
  output.answer(options.json ? simulationJson(simulation) : simulationText(simulation));
  if (options.html !== undefined) {
    await writeArgument(options.html, await simulationPage(simulation));
    output.note(`Wrote ${options.html}`);
  }
}
