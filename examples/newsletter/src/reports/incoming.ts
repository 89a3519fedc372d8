import { setTimeout as delay } from 'node:timers/promises';

import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';

import { keepReading, readChunks, stopReading } from './pipe.ts';

/** The report was not finished: by a failure of the task, or by the loss of its worker. */
export class ReportFailed extends Error {
  override readonly name = 'ReportFailed';
  readonly code: string;

  constructor(code: string) {
    super(`the report failed: ${code}`);
    this.code = code;
  }
}

const LOOK_MS = 50;
/** How often the reader's key is renewed, and the task is checked while no rows arrive. */
const CHECK_MS = 2000;

/** What the worker writes, until its end. Ends the task when it is returned from early. Throws ReportFailed. */
export async function* incoming(
  redis: Redis,
  run: string,
  job: Job,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const keep = setInterval(() => void keepReading(redis, run).catch(() => {}), CHECK_MS);
  let last = 0;
  let lookAtTaskAt = performance.now() + CHECK_MS;
  try {
    for (;;) {
      signal.throwIfAborted();
      const chunks = await readChunks(redis, run, last);
      for (const { number, chunk } of chunks) {
        if (number !== last + 1) throw new ReportFailed('CHUNK_LOST');
        last = number;
        if (chunk.kind === 'end') return;
        if (chunk.kind === 'failed') throw new ReportFailed(chunk.text);
        yield chunk.text;
      }
      if (chunks.length > 0) lookAtTaskAt = performance.now() + CHECK_MS;
      else if (performance.now() > lookAtTaskAt) {
        lookAtTaskAt = performance.now() + CHECK_MS;
        const state = await job.getState();
        // It may have written its last words since.
        const ended = state === 'failed' || state === 'completed' || state === 'unknown';
        if (ended && (await readChunks(redis, run, last)).length === 0) throw new ReportFailed('TASK_ENDED');
      } else await delay(LOOK_MS, null, { signal }).catch(() => {});
    }
  } finally {
    clearInterval(keep);
    await stopReading(redis, run);
  }
}
