/** What the clock has asked of a process type: dynos numbered above `limit` rest. */
export type CrewOrder = {
  /** Another word whenever the limit was raised or the order had lapsed: who rests under it has rested ever since. */
  readonly epoch: string;
  readonly limit: number;
  /** For how long this epoch has stood. */
  readonly ageMs: number;
};

/** What one worker process last said of itself. Two may have one number during a deploy. */
export type CrewReport = {
  /** Absent: its platform numbers no dynos. */
  readonly ordinal?: number | undefined;
  readonly ageMs: number;
  /** The epoch under which it takes no job and runs none. */
  readonly resting?: string | undefined;
  readonly concurrency: number;
  /** Epoch ms. */
  readonly bootedAt: number;
  readonly readyAt?: number | undefined;
};

/** A process type's workers as far as they cooperate. */
export type CrewReading = { readonly order?: CrewOrder | undefined; readonly reports: readonly CrewReport[] };

/**
 * A report this old says nothing of now. An order holds longer than this and a tick's deadline together, so whoever is
 * found resting still rests when the platform is told.
 */
export const FRESH_MS = 10_000;

/** Whose report is older than this, beyond its boot, has crashed, hangs, or never cooperated. */
const SILENT_MS = 60_000;

/**
 * The lowest number above which nobody works and nobody will: every dyno from there to `quantity` rests under the
 * order as it stands. A dyno that has long said nothing, neither before nor since the order, is counted as resting if
 * `silentMayGo`: one that crashes on and on must not hold the fleet up for ever.
 */
export function restingAbove(
  { order, reports }: CrewReading,
  quantity: number,
  bootMs: number,
  silentMayGo: boolean,
): number {
  if (order === undefined) return quantity;
  const { epoch, ageMs: orderAgeMs } = order;
  const silentMs = SILENT_MS + bootMs;
  const gone = (ordinal: number): boolean => {
    const own = reports.filter((report) => report.ordinal === ordinal);
    const fresh = own.filter(({ ageMs }) => ageMs <= FRESH_MS);
    if (fresh.length > 0) return fresh.every(({ resting }) => resting === epoch);
    return silentMayGo && orderAgeMs > silentMs && own.every(({ ageMs }) => ageMs > silentMs);
  };
  let above = quantity;
  while (above > order.limit && gone(above)) above -= 1;
  return above;
}

/** What to do about the order, for a fleet of `quantity` of which `wanted` are to work. */
export type CrewStep =
  /** Ask it, under a new epoch: whatever was said before binds nobody. */
  | { readonly kind: 'ask'; readonly limit: number }
  /** Same epoch, same or lower limit: who rests under it rests on. */
  | { readonly kind: 'keep'; readonly limit: number; readonly epoch: string }
  /** Everybody works. */
  | { readonly kind: 'release'; readonly epoch: string }
  | { readonly kind: 'nothing' };

export function crewStep(order: CrewOrder | undefined, wanted: number, quantity: number): CrewStep {
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

/** What the reports teach about one dyno; absent where nobody reports. */
export function concurrencyOf(reports: readonly CrewReport[]): number | undefined {
  return median(reports.filter(({ ageMs }) => ageMs <= FRESH_MS).map(({ concurrency }) => concurrency));
}

/** A dyno that is not up so long after the PATCH was started by something else. */
export const BOOT_WATCH_MS = 300_000;

/** From the PATCH at `raisedAt` (epoch ms) to the first job: the median of the dynos that it started. */
export function bootMsOf(
  reports: readonly CrewReport[],
  raisedFrom: number,
  raisedAt: number,
): number | undefined {
  const boots = reports.flatMap(({ ordinal, bootedAt, readyAt }) =>
    ordinal !== undefined && ordinal > raisedFrom && readyAt !== undefined && bootedAt >= raisedAt
      ? [readyAt - raisedAt]
      : [],
  );
  return median(boots);
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
