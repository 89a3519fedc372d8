import type { Redis } from 'ioredis';

import { Failure } from '../../failure.ts';
import { redisFailure } from '../redis/redis-failure.ts';
import type { PaceClock } from './pace.ts';
import { plainReader } from './plain-reader.ts';
import { queueBase } from './queue-keys.ts';
import type { QueueNodes } from './queue-nodes.ts';
import { ScriptRefused, scriptReader, type NodeReader } from './script-reader.ts';
import type { QueueRequest, Snapshot } from './snapshot.ts';
import { ownerless, scattered } from './unreadable.ts';

type Results = Map<QueueRequest, Snapshot | Failure>;

/** Reads the requests, each a snapshot or why this one cannot be read. Throws a Failure where no node answers. */
export type QueueReader = (
  nodes: QueueNodes,
  requests: readonly QueueRequest[],
  at: number,
  signal: AbortSignal,
) => Promise<ReadonlyMap<QueueRequest, Snapshot | Failure>>;

/** All queues at once, from every node that holds some of them, each in the way the node allows. */
export function queueReader(prefix: string, clock?: PaceClock): QueueReader {
  const script = scriptReader(prefix, clock);
  const plain = plainReader(prefix);
  const refusing = new WeakSet<Redis>();

  const byScript: NodeReader['read'] = async (node, requests, at, signal) => {
    if (refusing.has(node)) return [];
    try {
      return await script.read(node, requests, at, signal);
    } catch (thrown) {
      if (!(thrown instanceof ScriptRefused)) throw thrown;
      refusing.add(node);
      return [];
    }
  };

  const readNode = async (
    node: Redis,
    requests: readonly QueueRequest[],
    at: number,
    signal: AbortSignal,
  ): Promise<Results> => {
    const seen = await byScript(node, requests, at, signal);
    const open = requests.filter((_, index) => seen[index] === undefined);
    const rest = open.length === 0 ? [] : await plain.read(node, open, at, signal);
    const results: Results = new Map();
    const keep = (request: QueueRequest, result: Snapshot | Failure | undefined): void => {
      if (result) results.set(request, result);
    };
    for (const [index, request] of requests.entries()) keep(request, seen[index]);
    for (const [index, request] of open.entries()) keep(request, rest[index]);
    return results;
  };

  const readAll: QueueReader = async (nodes, requests, at, signal) => {
    const results: Results = new Map();
    const byNode = new Map<Redis, QueueRequest[]>();
    for (const request of requests) {
      const base = queueBase(prefix, request.queue);
      const node = nodes.ownerOf(base);
      if (nodes.scattered(base)) results.set(request, scattered(request.queue));
      else if (!node) results.set(request, ownerless(request.queue));
      else if (!byNode.get(node)?.push(request)) byNode.set(node, [request]);
    }
    const parts = await Promise.allSettled(
      [...byNode].map(async ([node, asked]) => await readNode(node, asked, at, signal)),
    );
    const failed = parts.filter((part) => part.status === 'rejected');
    // With one of several nodes gone, the others still tell what they know.
    if (failed[0] && failed.length === nodes.masters.length) throw redisFailure(failed[0].reason);
    for (const [index, [, asked]] of [...byNode].entries()) {
      const part = parts[index];
      for (const request of asked) {
        const result = part?.status === 'fulfilled' ? part.value.get(request) : redisFailure(part?.reason);
        if (result) results.set(request, result);
      }
    }
    return results;
  };

  return async (nodes, requests, at, signal) => {
    const results = await readAll(nodes, requests, at, signal);
    if (!nodes.lookAgain) return results;
    const failed = requests.filter(
      (request) =>
        results.get(request) instanceof Failure && !nodes.scattered(queueBase(prefix, request.queue)),
    );
    if (failed.length === 0 || signal.aborted) return results;
    // Slots move and nodes fail over: ask once more where they are now.
    const again = await readAll(await nodes.lookAgain(), failed, at, signal);
    return new Map([...results, ...again]);
  };
}
