import {
  REPORT_FRESH_MS,
  silentAfterMs,
  type DrainRequest,
  type DrainStep,
  type WorkersReading,
} from './drain.ts';
import type { ListedWorker } from './worker-naming.ts';

/**
 * A request lists no more names than this many characters: Redis passes it to every worker each second. Those left out
 * drain after the first ones are gone.
 */
const MOST_NAME_CHARACTERS = 3500;
/** Two quotes and a comma in JSON. */
const AROUND_A_NAME = 3;

/** A request of names has this limit, so a worker of a version that knows numbers alone works on. */
export const NO_LIMIT = 100_000;

/**
 * The workers of the request that a scale-down may remove: every process of theirs reports itself drained under it, or
 * the platform says that none is running. A worker that has long reported nothing counts as drained if `silentMayGo`, as
 * with numbers (`drainedAbove`).
 */
export function drainedNames(
  active: readonly ListedWorker[],
  { request, reports }: WorkersReading,
  {
    bootMs,
    busy,
    silentMayGo,
  }: { readonly bootMs: number; readonly busy: ReadonlySet<string>; readonly silentMayGo: boolean },
): ReadonlySet<string> {
  if (request?.names === undefined) return new Set();
  const { epoch, ageMs: requestAgeMs } = request;
  const asked = new Set(request.names);
  const silentMs = silentAfterMs(bootMs);
  const isDrained = ({ name, running }: ListedWorker): boolean => {
    const own = reports.filter(({ dyno }) => dyno === name);
    const fresh = own.filter(({ ageMs }) => ageMs <= REPORT_FRESH_MS);
    if (fresh.length > 0) return fresh.every(({ resting }) => resting === epoch);
    if (!running) return true;
    const silent = requestAgeMs > silentMs && own.every(({ ageMs }) => ageMs > silentMs);
    return silentMayGo && silent && !busy.has(name);
  };
  return new Set(
    active.filter((worker) => asked.has(worker.name) && isDrained(worker)).map(({ name }) => name),
  );
}

/**
 * The names of all workers, those first that are to go first: those that the platform would remove first whatever is
 * requested; among equals those that are drained or already draining, so that each finishes what it began; then idle
 * ones, and the youngest of equals.
 */
export function removalOrder(
  active: readonly ListedWorker[],
  request: DrainRequest | undefined,
  { busy, drained }: { readonly busy: ReadonlySet<string>; readonly drained: ReadonlySet<string> },
): readonly string[] {
  const asked = new Set(request?.names);
  const first = (is: boolean): number => (is ? 0 : 1);
  const keys = ({ name, rank, startedAt }: ListedWorker): readonly number[] => [
    rank,
    first(drained.has(name)),
    first(asked.has(name)),
    first(!busy.has(name)),
    -startedAt,
  ];
  return active
    .map((worker) => ({ name: worker.name, keys: keys(worker) }))
    .toSorted((a, b) => compareKeys(a.keys, b.keys) || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

/** As many of these names as one request holds. */
export function fittingNames(names: readonly string[]): readonly string[] {
  let characters = 0;
  return names.filter(({ length }) => (characters += length + AROUND_A_NAME) <= MOST_NAME_CHARACTERS);
}

/**
 * What to do about the drain request so that exactly these workers drain. The epoch is kept only while no worker is
 * called back: under one epoch a worker that was drained is still drained. Names of workers that are gone do no harm.
 */
export function nameStep(
  request: DrainRequest | undefined,
  names: readonly string[],
  active: readonly ListedWorker[],
): DrainStep {
  const present = new Set(active.map(({ name }) => name));
  const asked = (request?.names ?? []).filter((name) => present.has(name));
  if (names.length === 0) {
    // A request for removed workers alone is left to expire: they may still be stopping.
    return request === undefined || (request.names !== undefined && asked.length === 0)
      ? { kind: 'nothing' }
      : { kind: 'release', epoch: request.epoch };
  }
  const chosen = new Set(names);
  const keeps = request?.names !== undefined && asked.every((name) => chosen.has(name));
  return keeps
    ? { kind: 'keep', limit: NO_LIMIT, names, epoch: request.epoch }
    : { kind: 'ask', limit: NO_LIMIT, names };
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((key, at) => key !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
