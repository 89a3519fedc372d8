import {
  isOfOtherType,
  ordinalOf,
  type ListedWorker,
  type NumberedWorkers,
  type WorkerNaming,
} from './worker-naming.ts';

/**
 * The highest number of a worker of the process type that runs a job, by the names on the jobs
 * (`new Worker(…, { name })`). Undefined when no job is known to run on it.
 */
export function busyOrdinal(holders: Iterable<string | null>, naming: NumberedWorkers): number | undefined {
  let highest: number | undefined;
  for (const name of holders) {
    const ordinal = name === null ? undefined : ordinalOf(name, naming);
    if (ordinal !== undefined && ordinal > (highest ?? 0)) highest = ordinal;
  }
  return highest;
}

/** The names of those that run a job, by the names on the jobs. */
export function busyNames(
  holders: Pick<ReadonlyMap<string | null, number>, 'has'>,
  workers: readonly ListedWorker[],
): ReadonlySet<string> {
  return new Set(workers.filter(({ name }) => holders.has(name)).map(({ name }) => name));
}

/**
 * Running jobs that may be on any worker of the process type: those whose worker has no name, or one that is neither that
 * of a worker of this type nor of another. At least one where not all jobs were read. Only names of process types that the
 * app has count as those of another: a worker may be called `email.1` after its queue.
 */
export function unattributed(
  holders: ReadonlyMap<string | null, number>,
  complete: boolean,
  naming: WorkerNaming,
): number {
  const isKnown = knownBy(naming);
  let jobs = complete ? 0 : 1;
  for (const [name, count] of holders) {
    if (name === null || !isKnown(name)) jobs += count;
  }
  return jobs;
}

function knownBy(naming: WorkerNaming): (name: string) => boolean {
  const elsewhere = new Set(naming.elsewhere);
  if (naming.kind === 'numbered')
    return (name) =>
      ordinalOf(name, naming) !== undefined || isOfOtherType(name, naming) || elsewhere.has(name);
  const names = new Set(naming.workers.map(({ name }) => name));
  return (name) => names.has(name) || elsewhere.has(name);
}
