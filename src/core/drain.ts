/** What the clock has asked of a process type: dynos numbered above `limit` rest. */
export type DrainRequest = {
  /** Another word whenever the limit was raised or the order had lapsed: who rests under it has rested ever since. */
  readonly epoch: string;
  readonly limit: number;
  /** For how long this epoch has stood. */
  readonly ageMs: number;
};

/** What one worker process last said of itself. Two may have one number during a deploy. */
export type WorkerReport = {
  /** Absent: its platform numbers no dynos. */
  readonly ordinal?: number | undefined;
  /** The dyno's name, which tells dynos apart that have no number. */
  readonly dyno?: string | undefined;
  /** The container it runs in: the same for all processes of one dyno, another one after a restart. */
  readonly host?: string | undefined;
  readonly ageMs: number;
  /** The epoch under which it takes no job and runs none. */
  readonly resting?: string | undefined;
  readonly concurrency: number;
  /** Epoch ms. */
  readonly bootedAt: number;
  readonly readyAt?: number | undefined;
  /** For how long it has been ready; absent: not known. */
  readonly readyMs?: number | undefined;
};

/** A process type's workers as far as they cooperate. */
export type WorkersReading = {
  readonly request?: DrainRequest | undefined;
  readonly reports: readonly WorkerReport[];
};

/**
 * A report this old says nothing of now. An order holds longer than this and a tick's deadline together, so whoever is
 * found resting still rests when the platform is told.
 */
export const REPORT_FRESH_MS = 10_000;

/** Whose report is older than this, beyond its boot, has crashed, hangs, or never cooperated. */
const SILENT_MS = 60_000;

/** More than any dyno runs at once. */
export const MOST_CONCURRENCY = 100_000;

/** The processes of one dyno boot together: this long after the first is ready, all have reported. */
const SETTLED_MS = 10_000;

/** A boot that ends later than this after a rise has another cause: a deploy, a restart. */
export const BOOT_WATCH_MS = 300_000;

/**
 * The lowest number above which nobody works and nobody will: every dyno from there to `quantity` rests under the
 * order as it stands. A dyno that has long said nothing, neither before nor since the order, is counted as resting if
 * `silentMayGo`: one that crashes on and on must not hold the fleet up for ever.
 */
export function drainedAbove(
  { request, reports }: WorkersReading,
  quantity: number,
  bootMs: number,
  silentMayGo: boolean,
): number {
  if (request === undefined) return quantity;
  const { epoch, ageMs: orderAgeMs } = request;
  const silentMs = SILENT_MS + bootMs;
  const unheardMayGo = silentMayGo && orderAgeMs > silentMs;
  const gone = (own: readonly WorkerReport[]): boolean => {
    const fresh = own.filter(({ ageMs }) => ageMs <= REPORT_FRESH_MS);
    if (fresh.length > 0) return fresh.every(({ resting }) => resting === epoch);
    return unheardMayGo && own.every(({ ageMs }) => ageMs > silentMs);
  };
  const asked = reports.filter(({ ordinal = 0 }) => ordinal > request.limit && ordinal <= quantity);
  const byOrdinal = [...groupBy(asked, ({ ordinal = 0 }) => ordinal)].toSorted(([a], [b]) => b - a);
  // From one number that is heard of to the next, as the platform may name any quantity.
  let above = quantity;
  for (const [ordinal, own] of byOrdinal) {
    if (ordinal < above && !unheardMayGo) return above;
    if (!gone(own)) return ordinal;
    above = ordinal - 1;
  }
  return unheardMayGo ? Math.min(above, request.limit) : above;
}

/** What to do about the order, for a fleet of `quantity` of which `wanted` are to work. */
export type DrainStep =
  /** Ask it, under a new epoch: whatever was said before binds nobody. */
  | { readonly kind: 'ask'; readonly limit: number }
  /** Same epoch, same or lower limit: who rests under it rests on. */
  | { readonly kind: 'keep'; readonly limit: number; readonly epoch: string }
  /** Everybody works. */
  | { readonly kind: 'release'; readonly epoch: string }
  | { readonly kind: 'nothing' };

export function drainStep(order: DrainRequest | undefined, wanted: number, quantity: number): DrainStep {
  if (wanted < quantity) {
    return order !== undefined && wanted <= order.limit
      ? { kind: 'keep', limit: wanted, epoch: order.epoch }
      : { kind: 'ask', limit: wanted };
  }
  // An order that asks no more than what was done is left to run out: those it was for may still be on their way out.
  return order === undefined || wanted <= order.limit
    ? { kind: 'nothing' }
    : { kind: 'release', epoch: order.epoch };
}

/**
 * Jobs that one dyno runs at once: those of all its processes together, and of that the median over the dynos. Undefined
 * where no dyno teaches it.
 */
export function concurrencyOf(reports: readonly WorkerReport[]): number | undefined {
  const fresh = reports.filter(({ ageMs }) => ageMs <= REPORT_FRESH_MS);
  const dynos = groupBy(fresh, ({ ordinal, dyno }) => ordinal ?? dyno);
  return median([...dynos.values()].flatMap((processes) => dynoConcurrency(processes) ?? []));
}

/** Two dynos have one name while a deploy replaces one by the other: the younger counts, once all of it reports. */
function dynoConcurrency(reports: readonly WorkerReport[]): number | undefined {
  const containers = [...groupBy(reports, ({ host }) => host).values()].filter((processes) =>
    processes.every(({ readyAt, readyMs = Infinity }) => readyAt !== undefined && readyMs >= SETTLED_MS),
  );
  const firstBoot = (processes: readonly WorkerReport[]): number =>
    Math.min(...processes.map(({ bootedAt }) => bootedAt));
  const [youngest] = containers.toSorted((a, b) => firstBoot(b) - firstBoot(a));
  const sum = youngest?.reduce((jobs, { concurrency }) => jobs + concurrency, 0);
  return sum === undefined ? undefined : Math.min(sum, MOST_CONCURRENCY);
}

/** What a rise taught of boots: their median in ms, and how many dynos of those that it started. */
export type BootTimes = { readonly ms: number; readonly dynos: number };

/** From the PATCH at `raisedAt` (epoch ms) to the first job of each dyno that it started; undefined before the first. */
export function bootTimesOf(
  reports: readonly WorkerReport[],
  raisedFrom: number,
  raisedAt: number,
): BootTimes | undefined {
  const boots = new Map<number, number>();
  for (const { ordinal, bootedAt, readyAt } of reports) {
    if (ordinal === undefined || ordinal <= raisedFrom || readyAt === undefined || bootedAt < raisedAt)
      continue;
    const ms = readyAt - raisedAt;
    // The first of a dyno's processes to be ready takes its first job.
    if (ms >= 0 && ms <= BOOT_WATCH_MS) boots.set(ordinal, Math.min(ms, boots.get(ordinal) ?? Infinity));
  }
  const ms = median([...boots.values()]);
  return ms === undefined ? undefined : { ms, dynos: boots.size };
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
