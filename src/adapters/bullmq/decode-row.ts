import { Failure } from '../../failure.ts';
import { cleanText } from './clean-text.ts';
import type { Snapshot } from './snapshot.ts';

/** Fields of a row that holds a queue; the row of a queue that could not be read has one. */
const FIELDS = 19;

/** A row of the snapshot script. Throws a Failure where it has another shape; an error row is the id of the error. */
export function decodeRow(row: unknown): Snapshot | { readonly errorId: string } {
  if (!Array.isArray(row)) throw badReply();
  if (row.length === 1) return { errorId: /^[A-Z]+/.exec(String(row[0]))?.[0] ?? 'ERR' };
  if (row.length !== FIELDS) throw badReply();
  const count = (index: number): number => numberOf(row[index]) ?? fail();
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
    added: numberOf(row[8]),
    paused: row[9] === 1,
    concurrency: numberOf(row[10]),
    limiterMax: numberOf(row[11]),
    limiterCount: numberOf(row[12]),
    limiterTtlMs: numberOf(row[13]) ?? -1,
    oldestReadyAt: numberOf(row[14]),
    exists: row[15] === 1,
    sample: { looked, complete: looked >= active, orphaned: count(17), holders: holdersOf(row[18]) },
  };
}

/** A number as Redis or BullMQ wrote it, or null for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** The name a worker gave itself, cleaned; null where it gave none. */
export function holderName(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? cleanText(value) : null;
}

function holdersOf(flat: unknown): Map<string | null, number> {
  const holders = new Map<string | null, number>();
  if (!Array.isArray(flat)) return holders;
  for (let index = 0; index < flat.length; index += 2) {
    const name = holderName(flat[index]);
    holders.set(name, (holders.get(name) ?? 0) + (numberOf(flat[index + 1]) ?? 0));
  }
  return holders;
}

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
