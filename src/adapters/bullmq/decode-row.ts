import { Failure } from '../../failure.ts';
import { cleanText } from './clean-text.ts';
import type { Snapshot } from './snapshot.ts';

const FIELDS = 21;

/** A row of the snapshot script. Throws a Failure where it has another shape; an error row is the id of the error. */
export function decodeRow(row: unknown): Snapshot | { readonly errorId: string } {
  const text: unknown = Array.isArray(row) ? row[0] : row;
  if (typeof text !== 'string') throw badReply();
  if (text.startsWith('-')) return { errorId: /^-([A-Z]+)/.exec(text)?.[1] ?? 'ERR' };
  const fields = text.split(' ');
  if (fields.length !== FIELDS) throw badReply();
  const count = (index: number): number => countOf(fields[index]) ?? fail();
  const [active, looked] = [count(6), count(16)];
  return {
    wait: count(0),
    pausedJobs: count(1),
    prioritized: count(2),
    due: count(3),
    dueSoon: count(4),
    delayed: count(5),
    active,
    waitingChildren: count(7),
    added: countOf(fields[8]),
    paused: fields[9] === '1',
    concurrency: countOf(fields[10]),
    limiterMax: countOf(fields[11]),
    limiterDurationMs: countOf(fields[20]),
    limiterCount: countOf(fields[12]),
    limiterTtlMs: numberOf(fields[13]) ?? fail(),
    oldestReadyAt: numberOf(fields[14]),
    exists: fields[15] === '1',
    lastRun: runOf(numberOf(fields[18]), numberOf(fields[19])),
    sample: { looked, complete: looked >= active, orphaned: count(17), holders: holdersOf(row) },
  };
}

/** A number as Redis or BullMQ wrote it, or null for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d+\.?\d*(e[+-]?\d+)?$/i.test(value)) return null;
  const number = Number(value);
  return Math.abs(number) < 1e300 ? number : null;
}

/** The same for what is whole and cannot be below 0. */
export function countOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** No dyno lives longer: a run that claims more was not one. */
const LONGEST_RUN_MS = 86_400_000;
/** The last moment that a date can name, epoch ms. */
const LAST_MOMENT = 8.64e15;

/** From start to end of a job, as its worker's clock said; null where either is not there, or makes no sense. */
export function runOf(began: number | null, ended: number | null): Snapshot['lastRun'] {
  if (began === null || ended === null || began < 0 || ended > LAST_MOMENT) return null;
  const tookMs = ended - began;
  return tookMs >= 0 && tookMs <= LONGEST_RUN_MS ? { endedAt: ended, tookMs } : null;
}

/** The name a worker gave itself, cleaned; null where it gave none. */
export function holderName(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? cleanText(value) : null;
}

function holdersOf(row: unknown): ReadonlyMap<string | null, number> {
  if (!Array.isArray(row)) return NOBODY;
  const holders = new Map<string | null, number>();
  for (let index = 1; index < row.length; index += 2) {
    const name = holderName(row[index]);
    holders.set(name, (holders.get(name) ?? 0) + (countOf(row[index + 1]) ?? fail()));
  }
  return holders;
}

const NOBODY: ReadonlyMap<string | null, number> = new Map();

function fail(): never {
  throw badReply();
}

function badReply(): Failure {
  return new Failure(
    'REDIS_REPLY',
    'Redis answered in a shape that is not understood',
    'Check that REDIS_URL leads to Redis or Valkey, and report it with the server version if it does.',
  );
}
