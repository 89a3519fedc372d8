import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Sample } from './fit.ts';

const PROBE = fileURLToPath(new URL('../../dist/sizing/probe.js', import.meta.url));

export type Measurement = {
  readonly task: string;
  readonly args: unknown;
  readonly env: NodeJS.ProcessEnv;
  readonly concurrencies: readonly number[];
  /** Jobs for each unit of concurrency. */
  readonly jobsEach: number;
};

/** Runs the task in a fresh process for each concurrency, as a process keeps the memory it once had. */
export async function measure(measurement: Measurement): Promise<readonly Sample[]> {
  const { task, args, env, concurrencies, jobsEach } = measurement;
  const samples: Sample[] = [];
  for (const concurrency of concurrencies) {
    const jobs = String(jobsEach * concurrency);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [PROBE, task, JSON.stringify(args), String(concurrency), jobs],
      { env },
    );
    samples.push(JSON.parse(stdout) as Sample);
  }
  return samples;
}
