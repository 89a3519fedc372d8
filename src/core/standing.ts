import { believe, believed, type Belief } from './belief.ts';
import { BOOT_WATCH_MS, bootsOf, concurrencyOf, type CrewReading } from './crew.ts';
import { allowedAt, keptLimit, learnLimit, type LimitBelief, type PlatformLimit } from './platform-limit.ts';
import { explains, lowestUnanswered, mergeWrites, recentWrites, type Write, type Writes } from './writes.ts';

/**
 * What Drover believes of a process type beside its queues: what it set itself, what a person set, and what the platform
 * and the workers taught. Every part ends: by its own time, or with what it is about. JSON, bounded.
 */
export type Standing = {
  /** The quantity seen or set last. Absent: not known for certain, so no change of it can be attributed. */
  readonly quantity?: number | undefined;
  /** Our changes of the last minutes. */
  readonly writes?: Writes | undefined;
  /** A quantity that a person set. */
  readonly manual?: Manual | undefined;
  readonly limit?: LimitBelief | undefined;
  /**
   * The last time more dynos were set: above how many, and when (epoch ms). Ends once it has taught, or with the time that
   * a boot may take.
   */
  readonly raised?: { readonly above: number; readonly at: number } | undefined;
  /** Taught by cooperating workers: jobs that one dyno runs at once, and ms from the PATCH to its first. */
  readonly concurrency?: Belief<number> | undefined;
  readonly bootMs?: Belief<number> | undefined;
};

export type Manual = {
  /** Epoch ms. */
  readonly since: number;
  /** Epoch ms; absent: it was set to 0, and is left alone until it is above 0. */
  readonly until?: number | undefined;
};

/** Workers that were replaced by others which do not report are no longer believed after a day. */
export const CONCURRENCY_BELIEVED_MS = 86_400_000;
/** A fleet may go for days without starting a dyno; a release of another size shows at the next start. */
export const BOOT_BELIEVED_MS = 7 * 86_400_000;

/**
 * Sees the quantity as it is now. A person set it where it is neither what was left last time nor what any write of ours
 * in the last minutes may have made of it. It is left alone for `manualHoldMs` (0: not at all), and for as long as it is
 * 0. A shorter `manualHoldMs` shortens a hold that stands, which also ends one of a clock that was ahead.
 */
export function seeQuantity(
  standing: Standing,
  quantity: number,
  at: number,
  manualHoldMs: number,
): Standing {
  const writes = recentWrites(standing.writes, at);
  const { quantity: before } = standing;
  // What got no answer explains the first reading after it, however late that comes, and is dropped with it.
  const open = (standing.writes ?? []).filter(({ answered }) => !answered);
  const ours = before === undefined || quantity === before || explains([...writes, ...open], quantity);
  const manual = ours
    ? stillManual(standing.manual, quantity, at, manualHoldMs)
    : manualAt(quantity, at, manualHoldMs);
  return {
    ...standing,
    quantity,
    writes,
    manual,
    limit: keptLimit(standing.limit, at),
    raised: stillRaised(standing.raised, at),
  };
}

function manualAt(quantity: number, at: number, manualHoldMs: number): Manual | undefined {
  if (manualHoldMs === 0) return undefined;
  return quantity === 0 ? { since: at } : { since: at, until: at + manualHoldMs };
}

function stillManual(
  manual: Manual | undefined,
  quantity: number,
  at: number,
  manualHoldMs: number,
): Manual | undefined {
  if (manual === undefined || manualHoldMs === 0) return undefined;
  const since = Math.min(manual.since, at);
  if (manual.until === undefined) return quantity === 0 ? { since } : undefined;
  const until = Math.min(manual.until, at + manualHoldMs);
  return at < until ? { since, until } : undefined;
}

function stillRaised(raised: Standing['raised'], at: number): Standing['raised'] {
  return raised !== undefined && raised.at <= at && at - raised.at < BOOT_WATCH_MS ? raised : undefined;
}

/** Takes over what the workers report; what no worker reports stays as it was learned, for its time. */
export function learnFromCrew(standing: Standing, { reports }: CrewReading, at: number): Standing {
  const { raised } = standing;
  const concurrency = concurrencyOf(reports);
  const boots = raised && bootsOf(reports, raised.above, raised.at);
  // Half of the dynos have taught their median, and whatever boots on these numbers later was started by something else.
  const taught = boots !== undefined && 2 * boots.dynos >= (standing.quantity ?? 0) - (raised?.above ?? 0);
  return {
    ...standing,
    raised: taught ? undefined : raised,
    ...(concurrency === undefined ? {} : { concurrency: believe(concurrency, at, CONCURRENCY_BELIEVED_MS) }),
    ...(boots === undefined ? {} : { bootMs: believe(boots.ms, at, BOOT_BELIEVED_MS) }),
  };
}

export function concurrencyAt(standing: Standing | undefined, at: number): number | undefined {
  return believed(standing?.concurrency, at, CONCURRENCY_BELIEVED_MS);
}

export function bootMsAt(standing: Standing | undefined, at: number): number | undefined {
  return believed(standing?.bootMs, at, BOOT_BELIEVED_MS);
}

/** To be remembered before the write is sent, so that one whose answer never comes is still known to be ours. */
export function noteWrite(standing: Standing, from: number, to: number, at: number): Standing {
  const write: Write = { from, to, at, answered: false };
  return { ...standing, writes: [...recentWrites(standing.writes, at), write] };
}

/**
 * What came of the write that was noted last: the quantity it left (absent: none that is known), and whether every request
 * of it was answered.
 */
export function settleWrite(
  standing: Standing,
  { quantity, answered }: { readonly quantity?: number | undefined; readonly answered: boolean },
): Standing {
  const last = standing.writes?.at(-1);
  if (last === undefined) return standing;
  const before = (standing.writes ?? []).slice(0, -1);
  const settled = { ...last, answered };
  if (quantity === undefined) return { ...standing, writes: [...before, settled] };
  return {
    ...standing,
    quantity,
    // Less than was wanted where the platform allows no more.
    writes: [...before, settled, ...(quantity === last.to ? [] : [{ ...settled, to: quantity }])],
    ...(quantity > last.from ? { raised: { above: last.from, at: last.at } } : {}),
  };
}

export function noteLimit(standing: Standing, limit: PlatformLimit, at: number): Standing {
  return { ...standing, limit: learnLimit(standing.limit, limit, at) };
}

/** What the platform allows the type now, and until when it is believed (epoch ms). Infinity: no limit is known. */
export function limitAt(
  { limit }: Standing,
  others: number,
  at: number,
): { readonly count: number; readonly until: number } {
  return { count: allowedAt(limit, others, at), until: limit?.until ?? at };
}

/** Dynos above this number may still be removed by a write of ours that got no answer; Infinity: none. */
export function uncertainAbove({ writes }: Standing, at: number): number {
  return lowestUnanswered(writes, at);
}

/** What another clock remembered, taken over by one that wrote itself before. */
export function takeOver(loaded: Standing, own: Standing | undefined): Standing {
  return { ...loaded, writes: mergeWrites(own?.writes, loaded.writes) };
}

/** What is left where the formation itself has gone: neither its quantity nor what a person set it to. */
export function withoutFormation(standing: Standing): Standing {
  return { ...standing, quantity: undefined, manual: undefined };
}

/** What is left where writes may have been made that are not known: no change of the quantity can be attributed. */
export function withoutQuantity(standing: Standing): Standing {
  return { ...standing, quantity: undefined };
}
