import { sumOf } from '../core/sum.ts';

/** One job of a workload. Times are ms from the workload's start. */
export type Job = {
  readonly atMs: number;
  /** How long one attempt runs. */
  readonly serviceMs: number;
  /** Absent: the default queue. */
  readonly queue?: string | undefined;
  /** Added with a delay: it cannot be taken before `atMs + delayMs`. */
  readonly delayMs?: number | undefined;
  /** Absent or 0: not prioritized, and taken before every job that is. 1 goes before 2. */
  readonly priority?: number | undefined;
  /** Attempts that fail before one succeeds; each is followed by a backoff. */
  readonly failures?: number | undefined;
};

/** Jobs in any order. Workers are billed for at least `lengthMs`. */
export type Workload = {
  readonly name: string;
  readonly jobs: readonly Job[];
  readonly lengthMs: number;
  /** Jobs that one worker runs at once. */
  readonly concurrency: number;
};

export const DEFAULT_QUEUE = 'jobs';

/** The same jobs as columns in order of arrival, as a simulation uses them. */
export type JobTable = {
  readonly size: number;
  readonly queues: readonly string[];
  readonly at: Float64Array;
  readonly service: Float64Array;
  readonly queue: Uint16Array;
  readonly delay: Float64Array;
  readonly priority: Int32Array;
  readonly failures: Uint8Array;
};

export function tableOf(jobs: readonly Job[]): JobTable {
  const sorted = jobs.toSorted((a, b) => a.atMs - b.atMs);
  const queues: string[] = [];
  const indexOf = new Map<string, number>();
  const table: JobTable = {
    size: sorted.length,
    queues,
    at: new Float64Array(sorted.length),
    service: new Float64Array(sorted.length),
    queue: new Uint16Array(sorted.length),
    delay: new Float64Array(sorted.length),
    priority: new Int32Array(sorted.length),
    failures: new Uint8Array(sorted.length),
  };
  for (const [index, job] of sorted.entries()) {
    const name = job.queue ?? DEFAULT_QUEUE;
    let queue = indexOf.get(name);
    if (queue === undefined) {
      queue = queues.push(name) - 1;
      indexOf.set(name, queue);
    }
    table.at[index] = job.atMs;
    table.service[index] = job.serviceMs;
    table.queue[index] = queue;
    table.delay[index] = job.delayMs ?? 0;
    table.priority[index] = job.priority ?? 0;
    table.failures[index] = job.failures ?? 0;
  }
  return table;
}

/** Mean service time of one attempt, ms; 0 for no jobs. */
export function meanServiceMs(jobs: readonly Job[]): number {
  return jobs.length === 0 ? 0 : sumOf(jobs, ({ serviceMs }) => serviceMs) / jobs.length;
}
