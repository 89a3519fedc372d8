import type { RedisConnection } from '../redis/connect.ts';
import { queueNodes } from './queue-reader.ts';
import { queueBase } from './queue-keys.ts';

/** A job that is done. Times are epoch ms. */
export type CompletedJob = {
  readonly queue: string;
  /** When a worker could take it first: added, and its delay over. */
  readonly readyAt: number;
  /** When its last attempt began, and when that ended. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Whether an earlier attempt had failed: `startedAt - readyAt` is then no wait. */
  readonly retried: boolean;
};

export type CompletedJobs = {
  readonly jobs: readonly CompletedJob[];
  /** The time that they cover, up to now. */
  readonly spanMs: number;
};

/** The longest time that is read; shorter where more jobs were done in it than are read. */
const SPANS_MS = [3_600_000, 1_200_000, 300_000, 60_000] as const;
const MOST_JOBS = 10_000;
const JOBS_A_READ = 1_000;
/** Longer options are not parsed: the delay counts as none. */
const LONGEST_OPTIONS = 8_000;

/**
 * The jobs completed lately, as far as the queues keep them (`removeOnComplete`). Uses `zcount`, `zrangebyscore` and
 * `hmget`. Throws a Failure.
 */
export async function completedJobs(
  connection: RedisConnection,
  { prefix, queues }: { readonly prefix: string; readonly queues: readonly string[] },
  at: number,
  signal: AbortSignal,
): Promise<CompletedJobs> {
  return await connection.use(signal, async (client) => {
    const nodes = queueNodes(client);
    const parts = queues.flatMap((queue) => {
      const base = queueBase(prefix, queue);
      const node = nodes.ownerOf(base);
      return node ? [{ queue, base, node }] : [];
    });
    for (const spanMs of SPANS_MS) {
      const counts = await Promise.all(
        parts.map(async ({ node, base }) => await node.zcount(`${base}completed`, at - spanMs, at)),
      );
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (total > MOST_JOBS && spanMs !== SPANS_MS.at(-1)) continue;
      const jobs: CompletedJob[] = [];
      for (const { queue, base, node } of parts) {
        const ids = await node.zrangebyscore(
          `${base}completed`,
          at - spanMs,
          at,
          'LIMIT',
          0,
          MOST_JOBS - jobs.length,
        );
        for (let from = 0; from < ids.length; from += JOBS_A_READ) {
          const pipeline = node.pipeline();
          for (const id of ids.slice(from, from + JOBS_A_READ)) {
            pipeline.hmget(base + id, 'timestamp', 'processedOn', 'finishedOn', 'opts', 'atm');
          }
          for (const [, row] of (await pipeline.exec()) ?? []) jobs.push(...jobIn(queue, row));
        }
      }
      return { jobs, spanMs };
    }
    return { jobs: [], spanMs: SPANS_MS[0] };
  });
}

function jobIn(queue: string, row: unknown): CompletedJob[] {
  if (!Array.isArray(row)) return [];
  const [timestamp, startedAt, endedAt, options, attempts] = row as readonly (string | null)[];
  const readyAt = Number(timestamp ?? Number.NaN) + delayIn(options ?? '');
  const [start, end] = [Number(startedAt ?? Number.NaN), Number(endedAt ?? Number.NaN)];
  // Any client may have written them; a producer's clock may be ahead.
  if (!(end >= start && start > 0 && Number.isFinite(end) && Number.isFinite(readyAt))) return [];
  return [
    {
      queue,
      readyAt: Math.min(readyAt, start),
      startedAt: start,
      endedAt: end,
      retried: Number(attempts) > 1,
    },
  ];
}

function delayIn(options: string): number {
  if (options.length > LONGEST_OPTIONS) return 0;
  try {
    const { delay } = JSON.parse(options) as { delay?: unknown };
    return typeof delay === 'number' && delay > 0 ? delay : 0;
  } catch {
    return 0;
  }
}
