import { updateCapacity, type Capacity } from '../core/capacity.ts';
import { watchBurst, type BurstWatch } from './burst.ts';
import {
  decidedIn,
  sumOf,
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
import { boundBy, countAt } from './steps.ts';

/** How often each event happened since `since`, by name: the values of Prometheus counters. */
export type Counts = Readonly<Record<string, number>>;

/** Since midnight in the operator's time zone. Absent costs: the size has no known price. */
export type Today = {
  readonly day: string;
  readonly dynoMs: number;
  readonly costUsd?: number | undefined;
  /** The difference to a quantity fixed at the maximum. */
  readonly savedUsd?: number | undefined;
};

export type TypeStatus = {
  readonly processType: string;
  /** The last decision, and when it was made (epoch ms). */
  readonly latest?: DecidedEntry | undefined;
  readonly latestAt?: number | undefined;
  /** Ticks without a decision since then, and the failure of the latest. */
  readonly blindTicks: number;
  readonly failure?: FailureEntry | undefined;
  readonly fleet?: Capacity | undefined;
  /** Workers requested less than one boot time ago, and workers kept only for the jobs they run. */
  readonly starting: number;
  readonly draining: number;
  readonly today?: Today | undefined;
  readonly burst?: BurstWatch | undefined;
  readonly lastChange?: Change | undefined;
  readonly changes: Counts;
  /** Decisions by the stage that determined them, and by the reason they were held. */
  readonly bounds: Counts;
  readonly holds: Counts;
  readonly failures: Counts;
  readonly added: number;
  readonly done: number;
};

/** What the clock last read, decided and did. JSON, bounded. */
export type Status = {
  readonly version: 1;
  readonly appName: string;
  /** What the platform calls one worker, such as `dyno`. Absent: `DEFAULT_NOUN`. */
  readonly noun?: string | undefined;
  /** Epoch ms of the last tick, and of the first one counted here. */
  readonly at: number;
  readonly since: number;
  readonly tickMs: number;
  readonly tookMs: number;
  readonly requestsLeft?: number | undefined;
  readonly ticks: Counts;
  /** Ticks by duration: one count for each bound of `TOOK_BOUNDS_MS`, and one for longer ticks. */
  readonly took: { readonly buckets: readonly number[]; readonly sumMs: number };
  readonly types: readonly TypeStatus[];
  /** Beliefs after the last tick. */
  readonly beliefs?: readonly Believed[] | undefined;
};

export const TOOK_BOUNDS_MS: readonly number[] = [25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000];

/** After this many consecutive ticks without a decision the clock counts as unhealthy. */
export const BLIND_TICKS = 3;

export const DEFAULT_NOUN = 'dyno';

/** A tick later than this counts as missed, however long the interval. */
const LATE_MS = 600_000;

export type StatusContext = {
  readonly appName: string;
  readonly timeZone: string;
  /** The platform's word for one worker. */
  readonly noun?: string | undefined;
};

/** The status after one more tick, and the bursts that ended with it. */
export function nextStatus(
  before: Status | undefined,
  entry: Entry,
  { appName, timeZone, noun }: StatusContext,
): { readonly status: Status; readonly bursts: readonly Burst[] } {
  const results = entry.types.map((type) => {
    const known = before?.types.find(({ processType }) => processType === type.processType);
    const gapMs = before ? Math.min(entry.at - before.at, 3 * before.tickMs) : 0;
    return nextType(known, type, entry, { gapMs: Math.max(0, gapMs), day: dayOf(entry.at, timeZone) });
  });
  const bucket = TOOK_BOUNDS_MS.findIndex((bound) => entry.tookMs <= bound);
  const took = before?.took ?? { buckets: [...TOOK_BOUNDS_MS, 0].map(() => 0), sumMs: 0 };
  const status: Status = {
    version: 1,
    appName,
    noun,
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

/** The time since the last tick, and the operator's calendar day of this one. */
type SinceLastTick = { readonly gapMs: number; readonly day: string };

function nextType(
  before: TypeStatus | undefined,
  type: TypeEntry,
  entry: Entry,
  since: SinceLastTick,
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
  const today = nextDay(base, since);
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
      starting: sumOf(fleet.booting, ([, workers]) => workers),
      draining: drainingIn(type),
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

/** Workers that protection keeps above the quantity that all limits allow. */
function drainingIn({ steps }: DecidedEntry): number {
  const limited = countAt(steps, 'step limit');
  const kept = countAt(steps, 'protection');
  return limited === undefined || kept === undefined ? 0 : Math.max(0, kept - limited);
}

/** Adds what ran since the last tick; at the first tick after midnight it counts for the new day. */
function nextDay({ today, latest }: TypeStatus, { gapMs, day }: SinceLastTick): Today | undefined {
  if (!latest) return today;
  const known = today?.day === day ? today : { day, dynoMs: 0, costUsd: 0, savedUsd: 0 };
  const dynoMs = latest.quantity * gapMs;
  const cost = costOf(dynoMs, latest.size);
  const saved = costOf((latest.max - latest.quantity) * gapMs, latest.size);
  return {
    day,
    dynoMs: known.dynoMs + dynoMs,
    costUsd: plus(known.costUsd, cost),
    savedUsd: plus(known.savedUsd, saved),
  };
}

/** Whether the clock ticks and decides. `words` is public: `/healthz` needs no token. */
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

/** The operator's calendar day, such as 2026-11-21. */
function dayOf(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at);
}
