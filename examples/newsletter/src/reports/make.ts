import { setTimeout as delay } from 'node:timers/promises';

import type { Redis } from 'ioredis';

import { failRun, isRead, writeChunk, type Chunk } from './pipe.ts';

export type Made = { readonly outcome: 'sent' | 'cancelled' | 'overtaken'; readonly chunks: number };

const FULL_MS = 50;
const LOOK_MS = 1000;

/**
 * Writes texts for the reader of the run, no faster than they are read, and stops when there is no reader. The source gets
 * a signal for that, as it may be in the middle of a long query.
 */
export async function makeReport(
  redis: Redis,
  run: string,
  source: (signal: AbortSignal) => AsyncIterable<string>,
): Promise<Made> {
  const cancelled = new AbortController();
  const look = setInterval(() => {
    void isRead(redis, run).then(
      (read) => {
        if (!read) cancelled.abort();
      },
      () => {},
    );
  }, LOOK_MS);
  let chunks = 0;
  const write = async (chunk: Chunk): Promise<Made['outcome'] | undefined> => {
    for (;;) {
      const written = await writeChunk(redis, run, chunks + 1, chunk);
      if (written === 'written') chunks += 1;
      if (written === 'written') return undefined;
      if (written === 'gone') return 'cancelled';
      if (written === 'overtaken') {
        // A worker was lost in the middle, and what the client has cannot be gone on from: better no file than half.
        await failRun(redis, run, 'INTERRUPTED');
        return 'overtaken';
      }
      await delay(FULL_MS);
    }
  };
  try {
    for await (const text of source(cancelled.signal)) {
      const ended = await write({ kind: 'rows', text });
      if (ended) return { outcome: ended, chunks };
    }
    return { outcome: (await write({ kind: 'end' })) ?? 'sent', chunks };
  } catch (error) {
    if (cancelled.signal.aborted) return { outcome: 'cancelled', chunks };
    await failRun(redis, run, 'TASK_FAILED');
    throw error;
  } finally {
    clearInterval(look);
  }
}
