import { parseWorkerName } from './worker-name.ts';

/**
 * The highest number of a worker of the process type that runs a job, by the names on the jobs
 * (`new Worker(…, { name: process.env.DYNO })`). Undefined when no job is known to run on it.
 */
export function busyOrdinal(holders: Iterable<string | null>, processType: string): number | undefined {
  let highest: number | undefined;
  for (const name of holders) {
    const ordinal = name === null ? undefined : ordinalOf(name, processType);
    if (ordinal !== undefined && ordinal > (highest ?? 0)) highest = ordinal;
  }
  return highest;
}

/** 3 for `worker.3`; undefined for another type, and for a name without a number. */
export function ordinalOf(name: string, processType: string): number | undefined {
  const parts = parseWorkerName(name);
  return parts?.type === processType ? parts.ordinal : undefined;
}

/**
 * Running jobs that may be on any worker of the process type: those whose worker has no name, an unknown one, or one
 * without a number. At least one where not all jobs were read. Jobs on workers of another process type do not count, but
 * only where the app has that type: a worker may be called `email.1` after its queue.
 */
export function unattributed(
  holders: ReadonlyMap<string | null, number>,
  complete: boolean,
  processType: string,
  otherTypes: Pick<ReadonlySet<string>, 'has'>,
): number {
  let jobs = complete ? 0 : 1;
  for (const [name, count] of holders) {
    const parts = name === null ? undefined : parseWorkerName(name);
    // Any name of three words looks like one of Heroku's Fir generation: only a number makes it certain.
    const mapped = parts?.ordinal !== undefined && (parts.type === processType || otherTypes.has(parts.type));
    if (!mapped) jobs += count;
  }
  return jobs;
}
