import type { Burst } from './entry.ts';
import { MINUTE_MS, minuteAt, type Change, type History, type Minute, type TypeMinute } from './minute.ts';

export const HOUR_MS = 3_600_000;

/** Changes stored per hour. More than this means flapping, which the newest show as well as all of them. */
const MOST_CHANGES = 240;

/**
 * An hour of minutes as columns: similar values stand together, which compresses to a fifth of what rows take. `minutes`
 * are the minutes of the hour, 0 to 59, that had a tick; a process type that is missing in one of them has nulls there.
 */
export type Hour = {
  readonly version: 1;
  readonly minutes: readonly number[];
  readonly types: readonly TypeColumns[];
  readonly changes: readonly Change[];
  readonly bursts: readonly Burst[];
};

type Column = readonly (number | null)[];
type TypeColumns = {
  readonly processType: string;
  readonly sizes: readonly (string | null)[];
  readonly numbers: Readonly<Record<TypeNumber, Column>>;
  /** Only where a shadow ticked. */
  readonly actualDynoMs?: Column | undefined;
  readonly queues: readonly {
    readonly name: string;
    readonly numbers: Readonly<Record<QueueNumber, Column>>;
  }[];
};

export const TYPE_NUMBERS = [
  'ticks',
  'blind',
  'quantity',
  'wanted',
  'min',
  'max',
  'concurrency',
  'maxWaitMs',
  'dynoMs',
  'maxDynoMs',
  'activeMs',
  'ready',
  'active',
  'waitMs',
  'added',
  'done',
] as const satisfies readonly (keyof TypeMinute)[];
export const QUEUE_NUMBERS = ['ready', 'active', 'waitMs', 'added'] as const;
type TypeNumber = (typeof TYPE_NUMBERS)[number];
type QueueNumber = (typeof QUEUE_NUMBERS)[number];

export function hourAt(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

/** Adds minutes to a history. A minute that exists is replaced together with its changes and bursts. */
export function mergeHistory(known: History, more: History): History {
  const replaced = new Set(more.minutes.map(({ at }) => at));
  const stale = (at: number): boolean => replaced.has(minuteAt(at));
  return {
    minutes: [...known.minutes.filter(({ at }) => !replaced.has(at)), ...more.minutes].toSorted(
      (a, b) => a.at - b.at,
    ),
    changes: [...known.changes.filter(({ at }) => !stale(at)), ...more.changes],
    bursts: [...known.bursts.filter(({ endedAt }) => !stale(endedAt)), ...more.bursts],
  };
}

/** The part of a history from `from` (included) to `to` (excluded), epoch ms. */
export function within(history: History, from: number, to: number): History {
  const inside = (at: number): boolean => at >= from && at < to;
  return {
    minutes: history.minutes.filter(({ at }) => inside(at)),
    changes: history.changes.filter(({ at }) => inside(at)),
    bursts: history.bursts.filter(({ endedAt }) => inside(endedAt)),
  };
}

/**
 * The latest part of a history in which the clock either acted throughout, or was a shadow throughout: quantities that were
 * set and quantities that were not are never added up.
 */
export function sinceModeChange(history: History): History {
  const last = history.minutes.at(-1);
  if (last === undefined) return history;
  const other = history.minutes.findLast((minute) => isShadow(minute) !== isShadow(last));
  return other === undefined ? history : within(history, other.at + MINUTE_MS, Infinity);
}

function isShadow({ types }: Minute): boolean {
  return types.some(({ actualDynoMs }) => actualDynoMs !== undefined);
}

export function packHour(startsAt: number, history: History): Hour {
  const { minutes, changes, bursts } = history;
  const names = namesIn(minutes.flatMap(({ types }) => types.map(({ processType }) => processType)));
  return {
    version: 1,
    minutes: minutes.map(({ at }) => (at - startsAt) / MINUTE_MS),
    types: names.map((processType) => {
      const rows = minutes.map(({ types }) => types.find((type) => type.processType === processType));
      const queues = namesIn(rows.flatMap((row) => row?.queues.map(({ name }) => name) ?? []));
      return {
        processType,
        sizes: rows.map((row) => row?.size ?? null),
        numbers: columns(TYPE_NUMBERS, rows),
        ...(rows.some((row) => row?.actualDynoMs !== undefined)
          ? { actualDynoMs: rows.map((row) => row?.actualDynoMs ?? null) }
          : {}),
        queues: queues.map((name) => ({
          name,
          numbers: columns(
            QUEUE_NUMBERS,
            rows.map((row) => row?.queues.find((queue) => queue.name === name)),
          ),
        })),
      };
    }),
    changes: changes.slice(-MOST_CHANGES),
    bursts: bursts.slice(-MOST_CHANGES),
  };
}

export function unpackHour(startsAt: number, hour: Hour): History {
  const minutes = hour.minutes.map((minute, index): Minute => ({
    at: startsAt + minute * MINUTE_MS,
    types: hour.types.flatMap((type) => typeMinute(type, index) ?? []),
  }));
  return { minutes, changes: hour.changes, bursts: hour.bursts };
}

function typeMinute(type: TypeColumns, index: number): TypeMinute | undefined {
  const size = type.sizes[index];
  const numbers = rowAt(TYPE_NUMBERS, type.numbers, index);
  if (size === null || size === undefined || !numbers) return undefined;
  const queues = type.queues.flatMap((queue) => {
    const counts = rowAt(QUEUE_NUMBERS, queue.numbers, index);
    return counts ? [{ name: queue.name, ...counts }] : [];
  });
  const actualDynoMs = type.actualDynoMs?.[index];
  const actual = typeof actualDynoMs === 'number' ? { actualDynoMs } : {};
  return { processType: type.processType, size, ...numbers, ...actual, queues };
}

function columns<N extends string>(
  names: readonly N[],
  rows: readonly (Readonly<Record<N, number>> | undefined)[],
): Record<N, Column> {
  const entries = names.map((name) => [name, rows.map((found) => found?.[name] ?? null)] as const);
  return Object.fromEntries(entries) as unknown as Record<N, Column>;
}

function rowAt<N extends string>(
  names: readonly N[],
  numbers: Readonly<Record<N, Column>>,
  index: number,
): Record<N, number> | undefined {
  const entries = names.map((name) => [name, numbers[name]?.[index]] as const);
  return entries.some(([, value]) => typeof value !== 'number')
    ? undefined
    : (Object.fromEntries(entries) as Record<N, number>);
}

function namesIn(names: readonly string[]): string[] {
  return [...new Set(names)];
}
