import { believe, believed, type Belief } from './belief.ts';
import { bootsByJobs, holdersReadingOf, type HoldersReading, type JobsSeen } from './boots-by-jobs.ts';
import {
  addBoots,
  bootRangeOf,
  learnBoots,
  stillRaised,
  withoutBoots,
  type Boots,
  type Raised,
} from './boots.ts';
import { bootTimesOf, concurrencyOf, type Boot, type WorkersReading } from './drain.ts';
import { allowedAt, keptLimit, learnLimit, type LimitBelief, type PlatformLimit } from './platform-limit.ts';
import type { WorkerNaming } from './worker-naming.ts';
import {
  addWrites,
  explains,
  mergeWrites,
  recentWrites,
  unansweredRange,
  type Write,
  type Writes,
} from './writes.ts';

/**
 * What Drover believes about a process type apart from its queues: what it set itself, what a person set, and what the
 * platform and the workers' reports showed. Every part ends: at a time of its own, or with what it is about. JSON, bounded.
 */
export type ScalingState = {
  /** The quantity read or set last. Absent: not certain, so no change of it can be attributed. */
  readonly quantity?: number | undefined;
  /** Our own changes of the last minutes. */
  readonly writes?: Writes | undefined;
  /** A quantity that a person set. */
  readonly manual?: ManualHold | undefined;
  readonly limit?: LimitBelief | undefined;
  /** The last scale-up. Ends once its boots have been measured, or when a boot would have ended. */
  readonly raised?: Raised | undefined;
  /** The last reading of the jobs' names, from which the next one shows boots. Later ones show nothing by it. */
  readonly holders?: HoldersReading | undefined;
  /** From the reports: jobs that one worker runs at once. */
  readonly concurrency?: Belief<number> | undefined;
  /** From the reports, or the names on jobs: ms from the scale-up to a worker's first job. */
  readonly boots?: Belief<Boots> | undefined;
};

export type ManualHold = {
  /** Epoch ms. */
  readonly since: number;
  /** Epoch ms; absent: it was set to 0 and is left unchanged until it is above 0. */
  readonly until?: number | undefined;
};

/** Ends after a day, as workers may have been replaced by others that do not report. */
export const CONCURRENCY_BELIEVED_MS = 86_400_000;
/** Days may pass without a boot; a changed release or size shows at the next one. */
export const BOOT_BELIEVED_MS = 7 * 86_400_000;

/**
 * Takes in the quantity as it is now. It was scaled manually where it is neither what was read or set last nor what any of
 * our writes of the last minutes may have made of it. It is then left unchanged for `manualHoldMs` (0: not at all), and
 * for as long as it is 0. A shorter `manualHoldMs` shortens a current hold, also one set by a clock that was ahead.
 */
export function observeQuantity(
  scaling: ScalingState,
  quantity: number,
  at: number,
  manualHoldMs: number,
): ScalingState {
  const writes = recentWrites(scaling.writes, at);
  const { quantity: before } = scaling;
  // A write without an answer explains the first reading after it, however late that comes, and is dropped then.
  const open = (scaling.writes ?? []).filter(({ answered }) => !answered);
  const ours = before === undefined || quantity === before || explains([...writes, ...open], quantity);
  const manual = ours
    ? stillManual(scaling.manual, quantity, at, manualHoldMs)
    : manualAt(quantity, at, manualHoldMs);
  return {
    ...scaling,
    quantity,
    writes,
    manual,
    limit: keptLimit(scaling.limit, at),
    raised: stillRaised(scaling.raised, at),
  };
}

function manualAt(quantity: number, at: number, manualHoldMs: number): ManualHold | undefined {
  if (manualHoldMs === 0) return undefined;
  return quantity === 0 ? { since: at } : { since: at, until: at + manualHoldMs };
}

function stillManual(
  manual: ManualHold | undefined,
  quantity: number,
  at: number,
  manualHoldMs: number,
): ManualHold | undefined {
  if (manual === undefined || manualHoldMs === 0) return undefined;
  const since = Math.min(manual.since, at);
  if (manual.until === undefined) return quantity === 0 ? { since } : undefined;
  const until = Math.min(manual.until, at + manualHoldMs);
  return at < until ? { since, until } : undefined;
}

/** Takes in the workers' reports; what no worker reports stays as learned until its time ends. */
export function learnFromWorkers(
  scaling: ScalingState,
  { reports }: WorkersReading,
  at: number,
): ScalingState {
  const { raised } = scaling;
  const concurrency = concurrencyOf(reports);
  const learned =
    raised === undefined
      ? scaling
      : withBoots(scaling, raised, bootTimesOf(reports, raised.above, raised.at), at);
  return concurrency === undefined
    ? learned
    : { ...learned, concurrency: believe(concurrency, at, CONCURRENCY_BELIEVED_MS) };
}

/**
 * Takes in the names on running jobs, which show boots of numbered workers that do not report. Cooperating workers report
 * theirs to the millisecond.
 */
export function learnFromJobs(
  scaling: ScalingState,
  seen: JobsSeen,
  naming: WorkerNaming,
  at: number,
): ScalingState {
  const { quantity = 0, raised, holders: previous } = scaling;
  const holders = holdersReadingOf(seen, naming, [raised?.above ?? quantity, quantity], at);
  const next = { ...scaling, holders };
  if (raised === undefined || naming.kind === 'listed') return next;
  const { boots, before } = bootsByJobs(raised, previous, holders);
  return withBoots(next, withoutBoots(raised, before), boots, at);
}

function withBoots(scaling: ScalingState, before: Raised, boots: readonly Boot[], at: number): ScalingState {
  const { added, raised } = learnBoots(before, boots, { quantity: scaling.quantity ?? 0, at });
  if (added.length === 0) return { ...scaling, raised };
  const known = believed(scaling.boots, at, BOOT_BELIEVED_MS) ?? [];
  return { ...scaling, raised, boots: believe(addBoots(known, added), at, BOOT_BELIEVED_MS) };
}

export function concurrencyAt(scaling: ScalingState | undefined, at: number): number | undefined {
  return believed(scaling?.concurrency, at, CONCURRENCY_BELIEVED_MS);
}

/** The boot to plan with. */
export function bootMsAt(scaling: ScalingState | undefined, at: number): number | undefined {
  return bootRangeOf(believed(scaling?.boots, at, BOOT_BELIEVED_MS) ?? [])?.plannedMs;
}

/** To be saved before the write is sent, so that a write whose answer never comes is still known as ours. */
export function noteWrite(scaling: ScalingState, from: number, to: number, at: number): ScalingState {
  const write: Write = { from, to, at, answered: false };
  return { ...scaling, writes: addWrites(recentWrites(scaling.writes, at), write) };
}

/**
 * The result of the write that was noted last: the quantity it left (absent: unknown), and whether each of its requests was
 * answered.
 */
export function settleWrite(
  scaling: ScalingState,
  { quantity, answered }: { readonly quantity?: number | undefined; readonly answered: boolean },
): ScalingState {
  const last = scaling.writes?.at(-1);
  if (last === undefined) return scaling;
  const before = (scaling.writes ?? []).slice(0, -1);
  const settled = { ...last, answered };
  if (quantity === undefined) return { ...scaling, writes: [...before, settled] };
  return {
    ...scaling,
    quantity,
    // Less than was wanted if the platform allows no more.
    writes: addWrites(before, settled, ...(quantity === last.to ? [] : [{ ...settled, to: quantity }])),
    ...(quantity > last.from ? { raised: { above: last.from, at: last.at } } : {}),
  };
}

export function noteLimit(scaling: ScalingState, limit: PlatformLimit, at: number): ScalingState {
  return { ...scaling, limit: learnLimit(scaling.limit, limit, at) };
}

/** What the platform allows the type now, and until when that is believed (epoch ms). Infinity: no limit is known. */
export function limitAt(
  { limit }: ScalingState,
  others: number,
  at: number,
): { readonly count: number; readonly until: number } {
  return { count: allowedAt(limit, others, at), until: limit?.until ?? at };
}

/** Workers above this number may still be removed by a write of ours that got no answer; Infinity: none. */
export function uncertainAbove({ writes }: ScalingState, at: number): number {
  return unansweredRange(writes, at).lowest;
}

/** The most that a write of ours without an answer may still set; undefined where there is none. */
export function unansweredRise({ writes }: ScalingState, at: number): number | undefined {
  return unansweredRange(writes, at).highest;
}

/** What another clock saved, taken over by one that has made writes of its own. */
export function takeOver(loaded: ScalingState, own: ScalingState | undefined): ScalingState {
  return { ...loaded, writes: mergeWrites(own?.writes, loaded.writes) };
}

/** What is left when the formation is gone: neither its quantity nor a manual hold. */
export function withoutFormation(scaling: ScalingState): ScalingState {
  return { ...scaling, quantity: undefined, manual: undefined };
}

/** What is left where unknown writes may have been made: no change of the quantity can be attributed. */
export function withoutQuantity(scaling: ScalingState): ScalingState {
  return { ...scaling, quantity: undefined };
}
