import { createHash } from 'node:crypto';

import type { Redis } from 'ioredis';

import { sumOf } from '../../core/sum.ts';
import { redisFailure, replyIdOf } from '../redis/redis-failure.ts';
import { dueScore, queueBase } from './queue-keys.ts';
import type { QueueNodes } from './queue-reader.ts';
import { countOf } from './snapshot-row.ts';

/**
 * ARGV: the score of what is due now, then the queues' key bases. Returns the jobs of each that a worker could take, -1
 * where it cannot be read. The fields are those of the snapshot script.
 */
const TAKEABLE_SCRIPT = `
local pcallRedis = redis.pcall
local function failed(reply) return type(reply) == 'table' and reply.err end
local rows = {}
for i = 2, #ARGV do
  local base = ARGV[i]
  local paused = pcallRedis('HMGET', base .. 'meta', 'paused')
  local jobs = -1
  if not failed(paused) then
    if paused[1] then
      jobs = 0
    else
      local wait = pcallRedis('LLEN', base .. 'wait')
      local prioritized = pcallRedis('ZCARD', base .. 'prioritized')
      local due = pcallRedis('ZCOUNT', base .. 'delayed', '-inf', ARGV[1])
      if not (failed(wait) or failed(prioritized) or failed(due)) then jobs = wait + prioritized + due end
    end
  end
  rows[#rows + 1] = jobs
end
return rows
`;
const TAKEABLE_SHA = createHash('sha1').update(TAKEABLE_SCRIPT).digest('hex');

/** A script of so many queues holds Redis for about half a millisecond. */
const QUEUES_PER_REQUEST = 100;

/** Reads the jobs that a worker could take now, by queue. Queues that cannot be read are missing. */
export type TakeableReader = (
  nodes: QueueNodes,
  queues: Iterable<string>,
  at: number,
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, number>>;

/** By scripts where the server runs them for this user, by plain commands elsewhere; one request after another. */
export function takeableReader(prefix: string): TakeableReader {
  const refusing = new WeakSet<Redis>();

  const readBatch = async (
    node: Redis,
    bases: readonly string[],
    at: number,
  ): Promise<readonly unknown[]> => {
    if (!refusing.has(node)) {
      try {
        return await evaluate(node, [String(dueScore(at)), ...bases]);
      } catch (thrown) {
        if (!['ERR', 'NOPERM', 'NOSCRIPT'].includes(replyIdOf(thrown) ?? '')) throw thrown;
        refusing.add(node);
      }
    }
    return await readPlainly(node, bases, at);
  };

  return async (nodes, queues, at, signal) => {
    const byNode = new Map<Redis, string[]>();
    for (const queue of queues) {
      const base = queueBase(prefix, queue);
      const node = nodes.scattered(base) ? undefined : nodes.ownerOf(base);
      if (node && !byNode.get(node)?.push(queue)) byNode.set(node, [queue]);
    }
    const found = new Map<string, number>();
    for (const [node, names] of byNode) {
      for (let from = 0; from < names.length; from += QUEUES_PER_REQUEST) {
        signal.throwIfAborted();
        const batch = names.slice(from, from + QUEUES_PER_REQUEST);
        const bases = batch.map((queue) => queueBase(prefix, queue));
        const counts = await readBatch(node, bases, at);
        for (const [index, queue] of batch.entries()) {
          const jobs = countOf(counts[index]);
          if (jobs !== null) found.set(queue, jobs);
        }
      }
    }
    return found;
  };
}

async function evaluate(node: Redis, args: readonly string[]): Promise<readonly unknown[]> {
  const known = await node.call('EVALSHA_RO', TAKEABLE_SHA, '0', ...args).catch((thrown: unknown) => {
    if (replyIdOf(thrown) === 'NOSCRIPT') return undefined;
    throw thrown;
  });
  const rows = known ?? (await node.call('EVAL_RO', TAKEABLE_SCRIPT, '0', ...args));
  return Array.isArray(rows) ? rows : [];
}

async function readPlainly(node: Redis, bases: readonly string[], at: number): Promise<(number | null)[]> {
  const pipeline = node.pipeline();
  for (const base of bases) {
    pipeline.call('HMGET', `${base}meta`, 'paused').call('LLEN', `${base}wait`);
    pipeline.call('ZCARD', `${base}prioritized`).call('ZCOUNT', `${base}delayed`, '-inf', dueScore(at));
  }
  const replies = ((await pipeline.exec()) ?? []).map(([error, reply]) => error ?? reply);
  const lost = replies.find((reply) => reply instanceof Error && replyIdOf(reply) === undefined);
  if (lost !== undefined) throw redisFailure(lost);
  return bases.map((_, index) => {
    const [meta, ...lists] = replies.slice(4 * index, 4 * index + 4);
    if (!Array.isArray(meta)) return null;
    if (typeof meta[0] === 'string') return 0;
    const counts = lists.flatMap((reply) => countOf(reply) ?? []);
    return counts.length < lists.length ? null : sumOf(counts, (count) => count);
  });
}
