import type { Job } from './workload.ts';

/** A line of a trace that is not a job. `line` counts from 1. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
  readonly line: number;

  constructor(line: number, expected: string) {
    super(`line ${line} of the trace is not a job: it must be ${expected}`);
    this.line = line;
  }
}

/** Jobs from lines of `t_s,service_s`: arrival and service time in seconds. The first line may be a heading. */
export function parseTrace(text: string): Job[] {
  const jobs: { atMs: number; serviceMs: number }[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const row = line.trim();
    if (row === '' || (index === 0 && /^[a-z_]+,[a-z_]+$/i.test(row))) continue;
    const match = /^(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(row);
    if (!match) throw new TraceError(index + 1, 'two numbers of seconds with a comma between them');
    jobs.push({ atMs: Number(match[1]) * 1000, serviceMs: Number(match[2]) * 1000 });
  }
  if (jobs.length === 0) throw new TraceError(1, 'followed by at least one line of t_s,service_s');
  const start = jobs.reduce((earliest, { atMs }) => Math.min(earliest, atMs), Infinity);
  return jobs.map((job) => ({ ...job, atMs: job.atMs - start }));
}
