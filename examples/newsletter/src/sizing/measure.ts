import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Sample } from './fit.ts';

const PROBE = fileURLToPath(new URL('../../dist/sizing/probe.js', import.meta.url));

/** A fresh process for each concurrency: memory that one had would be kept for the next. */
export async function measure(
  task: string,
  args: unknown,
  env: NodeJS.ProcessEnv,
  concurrencies: readonly number[],
  jobsEach: number,
): Promise<readonly Sample[]> {
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
