import type { Redis } from 'ioredis';

/**
 * From the worker that makes a report to the web dyno that sends it: dynos cannot reach each other, so the chunks go
 * through a short Redis stream. It is bounded at both ends: at most `WINDOW` chunks wait in it, and the writer stops
 * when there was no reader for `READER_MS`, because the client went away or the web dyno did.
 */
export type Chunk =
  | { readonly kind: 'rows'; readonly text: string }
  | { readonly kind: 'end' }
  /** The report could not be finished; `text` is a code. */
  | { readonly kind: 'failed'; readonly text: string };

export type Written =
  | 'written'
  /** The window is full: the client reads more slowly than the worker writes. */
  | 'full'
  /** Nobody reads any more. */
  | 'gone'
  /** Another run of the same task has written this chunk: a report has one writer. */
  | 'overtaken';

const WINDOW = 16;
const READER_MS = 15_000;
const CHUNKS_A_READ = 4;

/** KEYS reader, chunks, next; ARGV sequence number, window, expiry in ms, kind, text. */
const WRITE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
if tonumber(redis.call('GET', KEYS[3]) or '1') ~= tonumber(ARGV[1]) then return 'overtaken' end
if redis.call('XLEN', KEYS[2]) >= tonumber(ARGV[2]) then return 'full' end
redis.call('XADD', KEYS[2], ARGV[1] .. '-0', 'kind', ARGV[4], 'text', ARGV[5])
redis.call('SET', KEYS[3], ARGV[1] + 1, 'PX', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 'written'`;

/** KEYS chunks, next; ARGV code, expiry in ms. Whatever the number: it is the last word. */
const FAIL = `
local next = redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('XADD', KEYS[1], (next - 1) .. '-0', 'kind', 'failed', 'text', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

const KEPT_MS = 60_000;

function keysOf(run: string): { reader: string; chunks: string; next: string } {
  const key = `newsletter:{report:${run}}`;
  return { reader: `${key}:reader`, chunks: `${key}:chunks`, next: `${key}:next` };
}

/** Writes the chunk with this number, the first being 1. */
export async function writeChunk(redis: Redis, run: string, number: number, chunk: Chunk): Promise<Written> {
  const { reader, chunks, next } = keysOf(run);
  const text = chunk.kind === 'end' ? '' : chunk.text;
  const answer = await redis.eval(WRITE, 3, reader, chunks, next, number, WINDOW, KEPT_MS, chunk.kind, text);
  return answer as Written;
}

/** Tells the reader that there will be no more. */
export async function failRun(redis: Redis, run: string, code: string): Promise<void> {
  const { chunks, next } = keysOf(run);
  await redis.set(next, 1, 'PX', KEPT_MS, 'NX');
  await redis.eval(FAIL, 2, chunks, next, code, KEPT_MS);
}

export async function isRead(redis: Redis, run: string): Promise<boolean> {
  return (await redis.exists(keysOf(run).reader)) === 1;
}

/** Renews the reader's key without reading: before the task is submitted, and while the client is slow. */
export async function keepReading(redis: Redis, run: string): Promise<void> {
  const { reader, chunks, next } = keysOf(run);
  await Promise.all([
    redis.set(reader, 1, 'PX', READER_MS),
    redis.pexpire(chunks, KEPT_MS),
    redis.pexpire(next, KEPT_MS),
  ]);
}

/** The chunks after that number, and makes room for more. The same again when it is repeated. */
export async function readChunks(
  redis: Redis,
  run: string,
  afterNumber: number,
): Promise<readonly { readonly number: number; readonly chunk: Chunk }[]> {
  const { chunks } = keysOf(run);
  const from = `${afterNumber + 1}-0`;
  await redis.xtrim(chunks, 'MINID', from);
  const entries = await redis.xrange(chunks, from, '+', 'COUNT', CHUNKS_A_READ);
  return entries.map(([id, [, kind, , text = '']]) => ({
    number: Number.parseInt(id, 10),
    chunk: { kind, text } as Chunk,
  }));
}

/** The client has everything or has left: the worker stops writing. */
export async function stopReading(redis: Redis, run: string): Promise<void> {
  const { reader, chunks } = keysOf(run);
  await redis.del(reader, chunks);
}
