import { decidedIn, longestWaitMs, type Burst, type Entry } from '../journal/entry.ts';
import {
  activeIn,
  MINUTE_MS,
  readyIn,
  type Change,
  type History,
  type TypeMinute,
} from '../journal/minute.ts';

export const RANGES = {
  hour: { spanMs: 3_600_000, bucketMs: MINUTE_MS },
  day: { spanMs: 86_400_000, bucketMs: 5 * MINUTE_MS },
  week: { spanMs: 7 * 86_400_000, bucketMs: 30 * MINUTE_MS },
} as const;
export type Range = keyof typeof RANGES;

/** The lines that charts draw. */
const LINES = ['ready', 'active', 'waitMs', 'quantity', 'wanted', 'max'] as const;
type Point = Readonly<Record<(typeof LINES)[number], number>>;

/** One process type over time. `null` where there was no tick, so that charts show a gap. */
export type TypeSeries = {
  readonly processType: string;
  readonly lines: Readonly<Record<(typeof LINES)[number], readonly (number | null)[]>>;
  readonly changes: readonly Change[];
  readonly bursts: readonly Burst[];
};

export type Series = {
  /** Epoch seconds, as uPlot expects. */
  readonly times: readonly number[];
  readonly types: readonly TypeSeries[];
};

const MOST_CHANGES = 300;
const MOST_BURSTS = 100;

/** The past for charts: single ticks where they are stored, and before them the maximum of each bucket. */
export function seriesOf(history: History, entries: readonly Entry[], bucketMs: number): Series {
  const rows = new Map<number, Map<string, Point>>();
  for (const { at, types } of history.minutes) {
    const bucket = Math.floor(at / bucketMs) * bucketMs;
    const row = rows.get(bucket) ?? new Map<string, Point>();
    rows.set(bucket, row);
    for (const type of types)
      row.set(type.processType, maximum(row.get(type.processType), pointOfMinute(type)));
  }
  const firstEntry = entries[0]?.at ?? Infinity;
  for (const at of rows.keys()) if (at + bucketMs > firstEntry) rows.delete(at);
  for (const entry of entries) {
    const points = entry.types.flatMap(({ processType }) => {
      const decided = decidedIn(entry, processType);
      return decided ? [[processType, pointOfTick(decided)] as const] : [];
    });
    rows.set(entry.at, new Map(points));
  }
  const times = withGaps(
    [...rows.keys()].toSorted((a, b) => a - b),
    Math.max(2 * bucketMs, 3 * (entries[0]?.tickMs ?? 0)),
  );
  const names = [...new Set([...rows.values()].flatMap((row) => [...row.keys()]))];
  return {
    times: times.map((at) => at / 1000),
    types: names.map((processType) => {
      const points = times.map((at) => rows.get(at)?.get(processType));
      const lines = LINES.map((line) => [line, points.map((point) => point?.[line] ?? null)] as const);
      return {
        processType,
        lines: Object.fromEntries(lines) as unknown as TypeSeries['lines'],
        changes: history.changes.filter((change) => change.processType === processType).slice(-MOST_CHANGES),
        bursts: history.bursts.filter((burst) => burst.processType === processType).slice(-MOST_BURSTS),
      };
    }),
  };
}

function pointOfMinute({ ready, active, waitMs, quantity, wanted, max }: TypeMinute): Point {
  return { ready, active, waitMs, quantity, wanted, max };
}

function pointOfTick(decided: NonNullable<ReturnType<typeof decidedIn>>): Point {
  const { quantity, to, max, queues } = decided;
  return {
    ready: readyIn(decided),
    active: activeIn(decided),
    waitMs: longestWaitMs(queues),
    quantity,
    wanted: to,
    max,
  };
}

function maximum(a: Point | undefined, b: Point): Point {
  if (!a) return b;
  return {
    ready: Math.max(a.ready, b.ready),
    active: Math.max(a.active, b.active),
    waitMs: Math.max(a.waitMs, b.waitMs),
    quantity: Math.max(a.quantity, b.quantity),
    wanted: Math.max(a.wanted, b.wanted),
    max: b.max,
  };
}

/** Adds a time without a point wherever more than `gapMs` passed, which breaks the line. */
function withGaps(times: readonly number[], gapMs: number): number[] {
  return times.flatMap((at, index) => {
    const before = times[index - 1];
    return before !== undefined && at - before > gapMs ? [before + 1, at] : [at];
  });
}
