/** The clock's drain request to a process type: workers numbered above `limit`, or those of `names`, take no more jobs. */
export type DrainRequest = {
  /**
   * A new id whenever a worker was called back or the request had expired: a worker drained under it has been so ever
   * since.
   */
  readonly epoch: string;
  readonly limit: number;
  /** Set: these workers drain, whatever the limit says. */
  readonly names?: readonly string[] | undefined;
  /** For how long this epoch has been in force. */
  readonly ageMs: number;
};

/** The last report of one worker process. During a deploy, two may have the same number. */
export type WorkerReport = {
  /** Its place by number, 1 for the first. Absent: its platform does not number workers. */
  readonly ordinal?: number | undefined;
  /** The worker's name. */
  readonly dyno?: string | undefined;
  /** The container it runs in: the same for all processes of one worker, another one after a restart. */
  readonly host?: string | undefined;
  readonly ageMs: number;
  /** The epoch under which it is drained: it takes no jobs and runs none. */
  readonly resting?: string | undefined;
  readonly concurrency: number;
  /** Epoch ms. */
  readonly bootedAt: number;
  readonly readyAt?: number | undefined;
  /** For how long it has been ready; absent: not known. */
  readonly readyMs?: number | undefined;
};

/** What was read of a process type's cooperating workers. */
export type WorkersReading = {
  readonly request?: DrainRequest | undefined;
  readonly reports: readonly WorkerReport[];
};

/**
 * An older report says nothing about now. A drain request lasts longer than this and a tick's deadline together, so a
 * worker that is read as drained still is when the platform scales.
 */
export const REPORT_FRESH_MS = 10_000;

/** A worker whose report is older than this, beyond its boot, has crashed, hangs, or never cooperated. */
const SILENT_MS = 60_000;

/** More than any worker runs at once. */
export const MOST_CONCURRENCY = 100_000;

/** The processes of one worker boot together: this long after the first is ready, all have reported. */
const SETTLED_MS = 10_000;

/** A boot that ends later than this after a scale-up has another cause: a deploy, a restart. */
export const BOOT_WATCH_MS = 300_000;

/** How long a worker that never reports delays its removal. */
export function silentAfterMs(bootMs: number): number {
  return SILENT_MS + bootMs;
}

/**
 * The lowest number above which every worker, up to `quantity`, is drained under the current request. A worker that has
 * long reported nothing, neither before nor since the request, counts as drained if `silentMayGo`: one that keeps crashing
 * must not block scaling down for ever.
 */
export function drainedAbove(
  { request, reports }: WorkersReading,
  {
    quantity,
    bootMs,
    silentMayGo,
  }: { readonly quantity: number; readonly bootMs: number; readonly silentMayGo: boolean },
): number {
  // Of workers whose numbers became names, or names numbers, none has drained yet.
  if (request === undefined || request.names !== undefined) return quantity;
  const { epoch, ageMs: requestAgeMs } = request;
  const silentMs = silentAfterMs(bootMs);
  const unheardMayGo = silentMayGo && requestAgeMs > silentMs;
  const isDrained = (own: readonly WorkerReport[]): boolean => {
    const fresh = own.filter(({ ageMs }) => ageMs <= REPORT_FRESH_MS);
    if (fresh.length > 0) return fresh.every(({ resting }) => resting === epoch);
    return unheardMayGo && own.every(({ ageMs }) => ageMs > silentMs);
  };
  const addressed = reports.filter(({ ordinal = 0 }) => ordinal > request.limit && ordinal <= quantity);
  const byOrdinal = [...groupBy(addressed, ({ ordinal = 0 }) => ordinal)].toSorted(([a], [b]) => b - a);
  // From one reported number to the next: the quantity may be any number.
  let above = quantity;
  for (const [ordinal, own] of byOrdinal) {
    if (ordinal < above && !unheardMayGo) return above;
    if (!isDrained(own)) return ordinal;
    above = ordinal - 1;
  }
  return unheardMayGo ? Math.min(above, request.limit) : above;
}

/** What to do about the drain request, for `quantity` workers of which `wanted` are to work. */
export type DrainStep =
  /** Request it under a new epoch: earlier reports no longer count. */
  | (Drained & { readonly kind: 'ask' })
  /** Same epoch, no worker called back: workers drained under it stay drained. */
  | (Drained & { readonly kind: 'keep'; readonly epoch: string })
  /** All work. */
  | { readonly kind: 'release'; readonly epoch: string }
  | { readonly kind: 'nothing' };

/** Which workers drain: as in `DrainRequest`. */
type Drained = Pick<DrainRequest, 'limit' | 'names'>;

export function drainStep(request: DrainRequest | undefined, wanted: number, quantity: number): DrainStep {
  if (wanted < quantity) {
    return request !== undefined && request.names === undefined && wanted <= request.limit
      ? { kind: 'keep', limit: wanted, epoch: request.epoch }
      : { kind: 'ask', limit: wanted };
  }
  // A request that covers only removed workers is left to expire: they may still be stopping.
  return request === undefined || (request.names === undefined && wanted <= request.limit)
    ? { kind: 'nothing' }
    : { kind: 'release', epoch: request.epoch };
}

/**
 * Jobs that one worker runs at once: those of all its processes together, and of that the median over the workers.
 * Undefined where no report shows it.
 */
export function concurrencyOf(reports: readonly WorkerReport[]): number | undefined {
  const fresh = reports.filter(({ ageMs }) => ageMs <= REPORT_FRESH_MS);
  const byWorker = groupBy(fresh, ({ ordinal, dyno }) => ordinal ?? dyno);
  return median([...byWorker.values()].flatMap((processes) => workerConcurrency(processes) ?? []));
}

/** During a deploy two containers share a name: the younger counts, once all of its processes report. */
function workerConcurrency(reports: readonly WorkerReport[]): number | undefined {
  const containers = [...groupBy(reports, ({ host }) => host).values()].filter((processes) =>
    processes.every(({ readyAt, readyMs = Infinity }) => readyAt !== undefined && readyMs >= SETTLED_MS),
  );
  const firstBoot = (processes: readonly WorkerReport[]): number =>
    Math.min(...processes.map(({ bootedAt }) => bootedAt));
  const [youngest] = containers.toSorted((a, b) => firstBoot(b) - firstBoot(a));
  const sum = youngest?.reduce((jobs, { concurrency }) => jobs + concurrency, 0);
  return sum === undefined ? undefined : Math.min(sum, MOST_CONCURRENCY);
}

/** The boot of one worker: ms from the scale-up to its first job. Its name is its number where it has one. */
export type Boot = { readonly worker: string; readonly ms: number };

/** The boots of the workers that the scale-up at `raisedAt` (epoch ms) started, as far as they have ended. */
export function bootTimesOf(
  reports: readonly WorkerReport[],
  raisedFrom: number,
  raisedAt: number,
): readonly Boot[] {
  const boots = new Map<number | string, number>();
  for (const { ordinal, dyno, bootedAt, readyAt } of reports) {
    const worker = ordinal ?? dyno;
    // Without numbers, a process that began after the scale-up is taken for one of its workers.
    const isNew = worker !== undefined && (ordinal === undefined || ordinal > raisedFrom);
    if (!isNew || readyAt === undefined || bootedAt < raisedAt) continue;
    const ms = readyAt - raisedAt;
    // The first of a worker's processes to be ready takes its first job.
    if (ms >= 0 && ms <= BOOT_WATCH_MS) boots.set(worker, Math.min(ms, boots.get(worker) ?? Infinity));
  }
  return [...boots].map(([worker, ms]) => ({ worker: String(worker), ms }));
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

function groupBy<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}
