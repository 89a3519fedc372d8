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
function ordinalOf(dyno: string, processType: string): number | undefined {
  if (!dyno.startsWith(`${processType}.`)) return undefined;
  const digits = dyno.slice(processType.length + 1);
  return /^[1-9]\d{0,4}$/.test(digits) ? Number(digits) : undefined;
}
