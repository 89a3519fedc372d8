import { cleanText } from './queue-names.ts';
import { badReply } from './queue-failure.ts';
import type { Snapshot } from './snapshot.ts';

/** How the script writes a value to a row, and how it is read back. Neither blanks nor commas occur in a value. */
const KINDS = {
  count: { write: (name: string) => `textOf[${name}]`, read: (text: string) => countOf(text) ?? fail() },
  countOrNothing: { write: (name: string) => `written(${name})`, read: countOf },
  number: { write: (name: string) => `textOf[${name}]`, read: (text: string) => numberOf(text) ?? fail() },
  numberOrNothing: { write: (name: string) => `written(${name})`, read: numberOf },
  flag: { write: (name: string) => `${name} and '1' or '0'`, read: (text: string) => text === '1' },
} as const;

type Kind = keyof typeof KINDS;

/** The fields of a row in their order. The script has a local variable of each name; `decodeRow` reads the same list. */
const FIELDS = {
  wait: 'count',
  pausedJobs: 'count',
  prioritized: 'count',
  due: 'count',
  dueSoon: 'count',
  delayed: 'count',
  active: 'count',
  waitingChildren: 'count',
  added: 'countOrNothing',
  paused: 'flag',
  concurrency: 'countOrNothing',
  limiterMax: 'countOrNothing',
  limiterDurationMs: 'countOrNothing',
  limiterCount: 'countOrNothing',
  limiterTtlMs: 'number',
  oldestReadyAt: 'numberOrNothing',
  exists: 'flag',
  looked: 'count',
  orphaned: 'count',
  lastStartedAt: 'numberOrNothing',
  lastEndedAt: 'numberOrNothing',
} as const satisfies Readonly<Record<string, Kind>>;

type FieldName = keyof typeof FIELDS;
type Fields = { readonly [Name in FieldName]: ReturnType<(typeof KINDS)[(typeof FIELDS)[Name]]['read']> };

export const ROW_FIELDS = Object.keys(FIELDS) as readonly FieldName[];
const INDEX = Object.fromEntries(ROW_FIELDS.map((name, index) => [name, index])) as Record<FieldName, number>;

/** The Lua expressions that write these fields, in this order. */
export function rowExpressions(names: readonly FieldName[]): string {
  return names.map((name) => KINDS[FIELDS[name]].write(name)).join(', ');
}

/** A row of the snapshot script, or the id of the error in its place. Throws a Failure for any other shape. */
export function decodeRow(row: unknown): Snapshot | { readonly errorId: string } {
  const text: unknown = Array.isArray(row) ? row[0] : row;
  if (typeof text !== 'string') throw badReply();
  if (text.startsWith('-')) return { errorId: /^-([A-Z]+)/.exec(text)?.[1] ?? 'ERR' };
  const values = text.split(' ');
  if (values.length !== ROW_FIELDS.length) throw badReply();
  const field = <Name extends FieldName>(name: Name): Fields[Name] =>
    KINDS[FIELDS[name]].read(values[INDEX[name]] ?? '') as Fields[Name];
  const [active, looked] = [field('active'), field('looked')];
  // One literal: an object built in a loop takes V8 five times as long, and there may be thousands of rows.
  return {
    wait: field('wait'),
    pausedJobs: field('pausedJobs'),
    prioritized: field('prioritized'),
    due: field('due'),
    dueSoon: field('dueSoon'),
    delayed: field('delayed'),
    active,
    waitingChildren: field('waitingChildren'),
    added: field('added'),
    paused: field('paused'),
    concurrency: field('concurrency'),
    limiterMax: field('limiterMax'),
    limiterDurationMs: field('limiterDurationMs'),
    limiterCount: field('limiterCount'),
    limiterTtlMs: field('limiterTtlMs'),
    oldestReadyAt: field('oldestReadyAt'),
    exists: field('exists'),
    lastRun: runOf(field('lastStartedAt'), field('lastEndedAt')),
    sample: { looked, complete: looked >= active, orphaned: field('orphaned'), holders: holdersOf(row) },
  };
}

/** A number as Redis or BullMQ wrote it, or null for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d+\.?\d*(e[+-]?\d+)?$/i.test(value)) return null;
  const number = Number(value);
  return Math.abs(number) < 1e300 ? number : null;
}

/** A whole number of at least 0, or null for anything else. */
export function countOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** No dyno lives longer, so a longer run is not real. */
const LONGEST_RUN_MS = 86_400_000;
/** The last moment that a Date can represent, epoch ms. */
const LAST_MOMENT = 8.64e15;

/** A job's run by its worker's clock; null where a time is missing or out of range. */
export function runOf(startedAt: number | null, endedAt: number | null): Snapshot['lastRun'] {
  if (startedAt === null || endedAt === null || startedAt < 0 || endedAt > LAST_MOMENT) return null;
  const tookMs = endedAt - startedAt;
  return tookMs >= 0 && tookMs <= LONGEST_RUN_MS ? { endedAt, tookMs } : null;
}

/** The name of the worker that holds a job, cleaned; null for an unnamed worker. */
export function holderName(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? cleanText(value) : null;
}

/** After the fields a row lists each holder and the number of its jobs. */
function holdersOf(row: unknown): ReadonlyMap<string | null, number> {
  if (!Array.isArray(row)) return NO_HOLDERS;
  const holders = new Map<string | null, number>();
  for (let index = 1; index < row.length; index += 2) {
    const name = holderName(row[index]);
    holders.set(name, (holders.get(name) ?? 0) + (countOf(row[index + 1]) ?? fail()));
  }
  return holders;
}

const NO_HOLDERS: ReadonlyMap<string | null, number> = new Map();

function fail(): never {
  throw badReply();
}
