import { updateCapacity, type Capacity } from '../core/capacity.ts';
import { watchBurst, type BurstWatch } from './burst.ts';
import type { Burst, DecidedEntry, Entry, FailureEntry, TypeEntry } from './entry.ts';
import { sumOf } from '../core/sum.ts';
import { flowOf } from './flow.ts';
import { changesIn, type Change } from './minute.ts';
import { costOf, type Prices } from './prices.ts';
import { boundBy } from './steps.ts';

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

/** The time since the last tick, the operator's calendar day of this one, and the platform's prices. */
type SinceLastTick = { readonly gapMs: number; readonly day: string; readonly prices: Prices | undefined };

/** The status of one process type after one more tick, and the burst that ended with it. */
export function nextTypeStatus(
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
function drainingIn({ to, limited = to }: DecidedEntry): number {
  return Math.max(0, to - limited);
}

/** Adds what ran since the last tick; at the first tick after midnight it counts for the new day. */
function nextDay({ today, latest }: TypeStatus, { gapMs, day, prices }: SinceLastTick): Today | undefined {
  if (!latest) return today;
  const known = today?.day === day ? today : { day, dynoMs: 0, costUsd: 0, savedUsd: 0 };
  const dynoMs = latest.quantity * gapMs;
  const cost = costOf(dynoMs, latest.size, prices);
  const saved = costOf((latest.max - latest.quantity) * gapMs, latest.size, prices);
  return {
    day,
    dynoMs: known.dynoMs + dynoMs,
    costUsd: plus(known.costUsd, cost),
    savedUsd: plus(known.savedUsd, saved),
  };
}

function directionOf({ from, to }: Change): string {
  return to > from ? 'up' : to < from ? 'down' : 'size';
}

/** One more of an event. */
export function counted(counts: Counts | undefined, name: string): Counts {
  return { ...counts, [name]: (counts?.[name] ?? 0) + 1 };
}

function plus(known: number | undefined, more: number | undefined): number | undefined {
  return known === undefined || more === undefined ? undefined : known + more;
}
