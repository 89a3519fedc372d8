import { cheapestFixedQuantity, type TimedMinute } from './cheapest-fixed.ts';
import type { Burst } from './entry.ts';
import { sumOf } from '../core/sum.ts';
import { MINUTE_MS, type History } from './minute.ts';
import { costOf, type Prices } from './prices.ts';

const HOUR_MS = 3_600_000;

/** A fixed quantity in place of scaling, and what scaling saved against it. */
export type Alternative = {
  readonly dynos: number;
  readonly dynoHours: number;
  readonly costUsd?: number | undefined;
  readonly savedUsd?: number | undefined;
};

export type TypeSummary = {
  readonly processType: string;
  readonly sizes: readonly string[];
  readonly dynoHours: number;
  /** Absent: one of the sizes has no known price. */
  readonly costUsd?: number | undefined;
  readonly fixedMax: Alternative;
  /** The cheapest quantity that would have been in time for 95 % of the jobs. Absent: no job was seen to end. */
  readonly cheapestFixed?: Alternative | undefined;
  /** Where all minutes are of a shadow: the quantities that the platform really had. */
  readonly actual?: { readonly dynoHours: number; readonly costUsd?: number | undefined } | undefined;
  /** Percentiles of the longest wait in each minute; absent without a minute. */
  readonly waitMs?: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly most: number;
  };
  readonly added: number;
  readonly done: number;
  readonly changes: number;
  readonly bursts: readonly Burst[];
};

export type Summary = {
  readonly from: number;
  readonly to: number;
  /** Minutes with a tick, of all minutes in the span. */
  readonly seenMinutes: number;
  readonly types: readonly TypeSummary[];
};

export function summarize(
  history: History,
  { from, to }: { readonly from: number; readonly to: number },
  prices: Prices | undefined,
): Summary {
  const names = [
    ...new Set(history.minutes.flatMap(({ types }) => types.map(({ processType }) => processType))),
  ];
  return {
    from,
    to,
    seenMinutes: history.minutes.length,
    types: names.map((processType) => summarizeType(history, processType, prices)),
  };
}

function summarizeType(history: History, processType: string, prices: Prices | undefined): TypeSummary {
  const minutes = history.minutes.flatMap(({ at, types }): TimedMinute[] =>
    types.filter((type) => type.processType === processType).map((type) => ({ ...type, at })),
  );
  const dynoMs = sumOf(minutes, (minute) => minute.dynoMs);
  const seenMs = sumOf(minutes, ({ max, maxDynoMs }) => maxDynoMs / max);
  const maxDynoMs = sumOf(minutes, (minute) => minute.maxDynoMs);
  const costOfAll = (ms: (minute: TimedMinute) => number): number | undefined =>
    costOfEach(minutes, ms, prices);
  const costUsd = costOfAll((minute) => minute.dynoMs);
  const alternative = (quantity: number, ms: (minute: TimedMinute) => number): Alternative => {
    const cost = costOfAll(ms);
    return {
      dynos: quantity,
      dynoHours: sumOf(minutes, ms) / HOUR_MS,
      costUsd: cost,
      savedUsd: cost === undefined || costUsd === undefined ? undefined : cost - costUsd,
    };
  };
  const cheapest = cheapestFixedQuantity(minutes, minutes.at(-1)?.maxWaitMs || undefined);
  const waits = minutes.map(({ waitMs }) => waitMs).toSorted((a, b) => a - b);
  return {
    processType,
    sizes: [...new Set(minutes.map(({ size }) => size))],
    dynoHours: dynoMs / HOUR_MS,
    costUsd,
    fixedMax: alternative(
      seenMs > 0 ? Math.round(maxDynoMs / seenMs) : (minutes.at(-1)?.max ?? 0),
      (minute) => minute.maxDynoMs,
    ),
    ...(cheapest === undefined
      ? {}
      : { cheapestFixed: alternative(cheapest, ({ max, maxDynoMs: ms }) => (cheapest * ms) / max) }),
    ...actualOf(minutes, costOfAll),
    ...(waits.length === 0
      ? {}
      : {
          waitMs: {
            p50: quantile(waits, 0.5),
            p95: quantile(waits, 0.95),
            p99: quantile(waits, 0.99),
            most: waits.at(-1) ?? 0,
          },
        }),
    added: sumOf(minutes, ({ added }) => added),
    done: sumOf(minutes, ({ done }) => done),
    changes: history.changes.filter((change) => change.processType === processType && !change.failed).length,
    bursts: history.bursts.filter((burst) => burst.processType === processType),
  };
}

function actualOf(
  minutes: readonly TimedMinute[],
  costOfAll: (ms: (minute: TimedMinute) => number) => number | undefined,
): Pick<TypeSummary, 'actual'> {
  if (minutes.length === 0 || minutes.some(({ actualDynoMs }) => actualDynoMs === undefined)) return {};
  const actualMs = ({ actualDynoMs = 0 }: TimedMinute): number => actualDynoMs;
  return { actual: { dynoHours: sumOf(minutes, actualMs) / HOUR_MS, costUsd: costOfAll(actualMs) } };
}

function costOfEach(
  minutes: readonly TimedMinute[],
  ms: (minute: TimedMinute) => number,
  prices: Prices | undefined,
): number | undefined {
  return minutes.reduce<number | undefined>((sum, minute) => {
    const cost = costOf(ms(minute), minute.size, prices);
    return sum === undefined || cost === undefined ? undefined : sum + cost;
  }, 0);
}

/** The nearest-rank quantile: the smallest value that at least this share of all values does not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

export function minutesIn(from: number, to: number): number {
  return Math.max(1, Math.round((to - from) / MINUTE_MS));
}
