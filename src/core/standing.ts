import { bootMsOf, concurrencyOf, type CrewReading } from './crew.ts';

/** What Drover knows of the formation's past: what it set itself, and what somebody else did. JSON, bounded. */
export type Standing = {
  /** The quantity seen or set last. */
  readonly quantity?: number | undefined;
  /** What was asked of the platform last with no answer seen: found later, however much, it was ours. */
  readonly asked?: number | undefined;
  /** Epoch ms until which a quantity set by hand is left alone. */
  readonly heldUntil?: number | undefined;
  /** Set to 0 by hand: hands off until somebody sets it above 0 again. */
  readonly handsOff?: boolean | undefined;
  /** The most dynos of this type that the platform allowed, and until when that is believed (epoch ms). */
  readonly limit?: { readonly count: number; readonly until: number } | undefined;
  /** The last time more dynos were asked for: above how many, and when (epoch ms). */
  readonly raised?: { readonly above: number; readonly at: number } | undefined;
  /** What cooperating workers last taught: jobs that one dyno runs at once, and from the PATCH to its first. */
  readonly concurrency?: number | undefined;
  readonly bootMs?: number | undefined;
};

/** A platform's limit is tried again after this time: plans are upgraded and other types scaled down. */
const LIMIT_BELIEVED_MS = 3_600_000;

/**
 * Sees the quantity as it is now. One that is neither what was left last time nor what was asked for since is a
 * person's: it is left alone for `manualHoldMs` (0: not at all), and for as long as it is 0.
 */
export function seeQuantity(
  standing: Standing,
  quantity: number,
  at: number,
  manualHoldMs: number,
): Standing {
  const { quantity: before, asked } = standing;
  const known = before === undefined || quantity === before || quantity === asked;
  const handsOff = standing.handsOff === true && quantity === 0;
  if (known || manualHoldMs === 0) return { ...standing, quantity, handsOff };
  return { ...standing, quantity, heldUntil: at + manualHoldMs, handsOff: quantity === 0 };
}

/** Takes over what the workers say of themselves; what nobody says stays as it was learned. */
export function learnFromCrew(standing: Standing, { reports }: CrewReading): Standing {
  const { raised } = standing;
  return {
    ...standing,
    concurrency: concurrencyOf(reports) ?? standing.concurrency,
    bootMs: (raised && bootMsOf(reports, raised.above, raised.at)) ?? standing.bootMs,
  };
}

/** Before the write, so that an answer which never comes is still known to be ours. */
export function askFor(standing: Standing, quantity: number): Standing {
  return { ...standing, asked: quantity };
}

export function learnLimit(standing: Standing, count: number, at: number): Standing {
  return { ...standing, limit: { count, until: at + LIMIT_BELIEVED_MS } };
}

/** The limit that is still believed; Infinity where none is. */
export function limitAt(standing: Standing, at: number): number {
  return standing.limit !== undefined && at < standing.limit.until ? standing.limit.count : Infinity;
}

/** Whether the quantity is a person's for now, and until when (epoch ms; absent: until it is above 0). */
export function overrideAt(standing: Standing, at: number): { readonly until?: number } | undefined {
  if (standing.handsOff === true) return {};
  if (standing.heldUntil !== undefined && at < standing.heldUntil) return { until: standing.heldUntil };
  return undefined;
}
