import { updateCapacity, type Capacity } from '../core/capacity.ts';
import { watchBurst, type BurstWatch } from './burst.ts';
import {
  boundBy,
  decidedIn,
  type Believed,
  type Burst,
  type DecidedEntry,
  type Entry,
  type FailureEntry,
  type TypeEntry,
} from './entry.ts';
import { flowOf } from './flow.ts';
import { changesIn, type Change } from './minute.ts';
import { costOf } from './prices.ts';

/** How often each thing happened since the status was begun: what a counter of Prometheus shows. */
export type Counts = Readonly<Record<string, number>>;

/** Since midnight in the operator's time zone. Absent costs: the dyno size has no known price. */
export type Today = {
  readonly day: string;
  readonly dynoMs: number;
  readonly costUsd?: number | undefined;
  /** Less than a fleet that always stood at the maximum. */
  readonly savedUsd?: number | undefined;
};

export type TypeStatus = {
  readonly processType: string;
  /** The last tick that could decide, and when (epoch ms). */
  readonly latest?: DecidedEntry | undefined;
  readonly latestAt?: number | undefined;
  /** Ticks since then that could not, and why the last of them could not. */
  readonly blindTicks: number;
  readonly failure?: FailureEntry | undefined;
  readonly fleet?: Capacity | undefined;
  /** Dynos that were asked for less than a boot ago, and those kept only for the jobs they run. */
  readonly starting: number;
  readonly draining: number;
  readonly today?: Today | undefined;
  readonly burst?: BurstWatch | undefined;
  readonly lastChange?: Change | undefined;
  readonly changes: Counts;
  /** Decisions by the stage that had the last word, and by why they were not carried out. */
  readonly bounds: Counts;
  readonly holds: Counts;
  readonly failures: Counts;
  readonly added: number;
  readonly done: number;
};

/** What the running clock last saw and did. JSON, bounded. */
export type Status = {
  readonly version: 1;
  readonly appName: string;
  /** Epoch ms of the last tick, and of the first one that this status knows of. */
  readonly at: number;
  readonly since: number;
  readonly tickMs: number;
  readonly tookMs: number;
  readonly requestsLeft?: number | undefined;
  readonly ticks: Counts;
  /** Ticks by how long they took: one count for each bound of `TOOK_BOUNDS_MS`, and one for what is above. */
  readonly took: { readonly buckets: readonly number[]; readonly sumMs: number };
  readonly types: readonly TypeStatus[];
  /** What the clock believed after its last tick. */
  readonly beliefs?: readonly Believed[] | undefined;
};

export const TOOK_BOUNDS_MS: readonly number[] = [25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000];

/** After so many ticks that could not be used, the clock is not well. */
export const BLIND_TICKS = 3;

/** A tick this much later than announced is missed, however far apart ticks are. */
const LATE_MS = 600_000;

export type StatusContext = { readonly appName: string; readonly timeZone: string };

/** The status after one more tick, and the bursts that were over with it. */
export function nextStatus(
  before: Status | undefined,
  entry: Entry,
  { appName, timeZone }: StatusContext,
): { readonly status: Status; readonly bursts: readonly Burst[] } {
  const results = entry.types.map((type) => {
    const known = before?.types.find(({ processType }) => processType === type.processType);
    const gapMs = before ? Math.min(entry.at - before.at, 3 * before.tickMs) : 0;
    return nextType(known, type, entry, Math.max(0, gapMs), dayOf(entry.at, timeZone));
  });
  const bucket = TOOK_BOUNDS_MS.findIndex((bound) => entry.tookMs <= bound);
  const took = before?.took ?? { buckets: [...TOOK_BOUNDS_MS, 0].map(() => 0), sumMs: 0 };
  const status: Status = {
    version: 1,
    appName,
    at: entry.at,
    since: before?.since ?? entry.at,
    tickMs: entry.tickMs,
    tookMs: entry.tookMs,
    requestsLeft: entry.requestsLeft ?? before?.requestsLeft,
    ticks: counted(before?.ticks, outcomeOf(entry)),
    took: {
      buckets: took.buckets.map((count, index) =>
        index === (bucket < 0 ? TOOK_BOUNDS_MS.length : bucket) ? count + 1 : count,
      ),
      sumMs: took.sumMs + entry.tookMs,
    },
    types: results.map(({ type }) => type),
    beliefs: entry.beliefs,
  };
  return { status, bursts: results.flatMap(({ ended }) => ended ?? []) };
}

function nextType(
  before: TypeStatus | undefined,
  type: TypeEntry,
  entry: Entry,
  gapMs: number,
  day: string,
): { readonly type: TypeStatus; readonly ended?: Burst | undefined } {
  const base: TypeStatus = before ?? {
    processType: type.processType,
    blindTicks: 0,
    starting: 0,
    draining: 0,
    changes: {},
    bounds: {},
    holds: {},
    failures: {},
    added: 0,
    done: 0,
  };
  const today = nextDay(base, gapMs, day);
  if (type.kind === 'blind') {
    const failures = counted(base.failures, type.failure.code);
    return {
      type: { ...base, today, failures, blindTicks: base.blindTicks + 1, failure: type.failure },
    };
  }

  const flow = flowOf(base.latest, type);
  const { watch, ended } = watchBurst(base.burst, entry.at, base.latest, type);
  const found = updateCapacity(base.fleet, type.from, entry.at, type.bootMs);
  const fleet = updateCapacity(found, type.quantity, entry.at, type.bootMs);
  const [change] = changesIn({ ...entry, types: [type] });
  return {
    type: {
      ...base,
      latest: type,
      latestAt: entry.at,
      blindTicks: 0,
      failure: undefined,
      fleet,
      starting: fleet.booting.reduce((sum, [, dynos]) => sum + dynos, 0),
      draining: Math.max(0, type.to - (type.limited ?? type.to)),
      today,
      burst: watch,
      lastChange: change?.failed === undefined ? (change ?? base.lastChange) : base.lastChange,
      changes:
        change && change.failed === undefined ? counted(base.changes, directionOf(change)) : base.changes,
      bounds: counted(base.bounds, boundBy(type.steps)),
      holds: type.hold ? counted(base.holds, type.hold.kind) : base.holds,
      failures: type.failure ? counted(base.failures, type.failure.code) : base.failures,
      added: base.added + flow.added,
      done: base.done + flow.done,
    },
    ended,
  };
}

/** The dynos that were there since the last tick count for today, in the first tick after midnight for the new day. */
function nextDay({ today, latest }: TypeStatus, gapMs: number, day: string): Today | undefined {
  if (!latest) return today;
  const known = today?.day === day ? today : { day, dynoMs: 0, costUsd: 0, savedUsd: 0 };
  const dynoMs = latest.quantity * gapMs;
  const spent = costOf(dynoMs, latest.size);
  const spared = costOf((latest.max - latest.quantity) * gapMs, latest.size);
  return {
    day,
    dynoMs: known.dynoMs + dynoMs,
    costUsd: plus(known.costUsd, spent),
    savedUsd: plus(known.savedUsd, spared),
  };
}

/** Whether the clock does what it is for; the words are for anybody to see. */
export function healthOf(
  status: Status | undefined,
  now: number,
): { readonly ok: boolean; readonly words: string } {
  if (!status) return { ok: false, words: 'no tick yet' };
  const ageMs = now - status.at;
  if (ageMs > status.tickMs + Math.min(2 * status.tickMs, LATE_MS))
    return { ok: false, words: `no tick for ${Math.round(ageMs / 1000)} s` };
  const blind = status.types.some(({ blindTicks }) => blindTicks >= BLIND_TICKS);
  return blind ? { ok: false, words: `no decision for ${BLIND_TICKS} ticks` } : { ok: true, words: 'ok' };
}

function outcomeOf(entry: Entry): 'decided' | 'failed' | 'blind' {
  if (entry.types.every(({ kind }) => kind === 'blind')) return 'blind';
  return entry.types.every(
    (type) => decidedIn(entry, type.processType)?.failure === undefined && type.kind !== 'blind',
  )
    ? 'decided'
    : 'failed';
}

function directionOf({ from, to }: Change): string {
  return to > from ? 'up' : to < from ? 'down' : 'size';
}

function counted(counts: Counts | undefined, name: string): Counts {
  return { ...counts, [name]: (counts?.[name] ?? 0) + 1 };
}

function plus(known: number | undefined, more: number | undefined): number | undefined {
  return known === undefined || more === undefined ? undefined : known + more;
}

/** 2026-11-21, as the operator's calendar has it. */
function dayOf(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at);
}
