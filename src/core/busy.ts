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
  if (!dyno.startsWith(`${processType}.`)) return undefined;
  const digits = dyno.slice(processType.length + 1);
  return /^[1-9]\d{0,4}$/.test(digits) ? Number(digits) : undefined;
}

/**
 * Running jobs that may be on any dyno of the process type: those whose worker has no name, one that is no dyno's, or
 * one without a number. At least one where not all jobs were looked at. Jobs of another process type's dynos are none.
 */
export function unattributed(
  holders: ReadonlyMap<string | null, number>,
  complete: boolean,
  processType: string,
): number {
  let jobs = complete ? 0 : 1;
  for (const [name, count] of holders) {
    const placed =
      name !== null && (ordinalOf(name, processType) !== undefined || isOtherDyno(name, processType));
    if (!placed) jobs += count;
  }
  return jobs;
}

function isOtherDyno(name: string, processType: string): boolean {
  return /^[A-Za-z0-9_-]+\.[1-9]\d{0,4}$/.test(name) && !name.startsWith(`${processType}.`);
}
