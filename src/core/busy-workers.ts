import { parseWorkerName } from './worker-name.ts';

/**
 * The highest dyno number of a process type that runs a job, from the names the workers gave themselves
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

/** 3 for `worker.3`; undefined for another type, and for a Fir name, which has no number. */
export function ordinalOf(dyno: string, processType: string): number | undefined {
  const name = parseWorkerName(dyno);
  return name?.type === processType ? name.ordinal : undefined;
}

/**
 * Running jobs that may be on any dyno of the process type: those whose worker has no name, one that is no dyno's, or
 * one without a number. At least one where not all jobs were looked at. Jobs of another process type's dynos are none:
 * only a type that the app has is believed, as a worker may be called `email.1` after its queue.
 */
export function unattributed(
  holders: ReadonlyMap<string | null, number>,
  complete: boolean,
  processType: string,
  otherTypes: Pick<ReadonlySet<string>, 'has'>,
): number {
  let jobs = complete ? 0 : 1;
  for (const [name, count] of holders) {
    const dyno = name === null ? undefined : parseWorkerName(name);
    // Any name in three words looks like a Fir dyno's: a number is what makes one certain.
    const placed = dyno?.ordinal !== undefined && (dyno.type === processType || otherTypes.has(dyno.type));
    if (!placed) jobs += count;
  }
  return jobs;
}
