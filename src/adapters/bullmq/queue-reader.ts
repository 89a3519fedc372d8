import { Cluster, Command, type Redis } from 'ioredis';

import { Failure } from '../../failure.ts';
import { redisFailure } from '../redis/redis-failure.ts';
import type { PaceClock } from './pace.ts';
import { plainReader } from './plain-reader.ts';
import { ownerless, scattered } from './queue-failure.ts';
import { queueBase } from './queue-keys.ts';
import { ScriptRefused, scriptReader, type NodeReader } from './script-reader.ts';
import type { QueueRequest, Snapshot } from './snapshot.ts';

/** The server that holds the queues: one node, or the masters of a cluster. */
export type QueueNodes = {
  readonly masters: readonly Redis[];
  /** The node that holds all keys of this base, or undefined if no node does at the moment. */
  ownerOf(base: string): Redis | undefined;
  /** Whether the keys of one base may be on several nodes: on a cluster, without a hash tag. */
  scattered(base: string): boolean;
  /** Reloads the slots of a cluster. Absent for a single server. */
  readonly refresh?: () => Promise<QueueNodes>;
};

export function queueNodes(client: Redis | Cluster): QueueNodes {
  if (!(client instanceof Cluster)) {
    return { masters: [client], ownerOf: () => client, scattered: () => false };
  }
  const masters = client.nodes('master');
  const byName = new Map(masters.map((node) => [`${node.options.host}:${node.options.port}`, node]));
  return {
    masters,
    ownerOf: (base) => byName.get(client.slots[slotOf(base) ?? -1]?.[0] ?? ''),
    scattered: (base) => slotOf(base) === undefined,
    async refresh() {
      await new Promise<void>((resolve) => {
        // After a failed refresh the old slots stay, and what could not be read stays unreadable.
        client.refreshSlotsCache(() => resolve());
      });
      return queueNodes(client);
    },
  };
}

/**
 * The cluster slot of all keys of a base; undefined without a hash tag: the text between the first `{` and the next `}`,
 * unless it is empty. Only the tag goes to ioredis, which misreads keys such as `foo{}{bar}`.
 */
export function slotOf(base: string): number | undefined {
  const from = base.indexOf('{');
  const to = base.indexOf('}', from + 1);
  return from >= 0 && to > from + 1 ? new Command('get', [base.slice(from + 1, to)]).getSlot() : undefined;
}

type Results = Map<QueueRequest, Snapshot | Failure>;

/** Reads the requests: each result is a snapshot, or why this queue cannot be read. Throws a Failure if no node answers. */
export type QueueReader = (
  nodes: QueueNodes,
  requests: readonly QueueRequest[],
  at: number,
  signal: AbortSignal,
) => Promise<ReadonlyMap<QueueRequest, Snapshot | Failure>>;

/** Reads from all nodes at once, by script where a node allows it and by plain commands elsewhere. */
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
      [...byNode].map(async ([node, requested]) => await readNode(node, requested, at, signal)),
    );
    const failed = parts.filter((part) => part.status === 'rejected');
    // If only some of several nodes failed, the queues of the others are still read.
    if (failed[0] && failed.length === nodes.masters.length) throw redisFailure(failed[0].reason);
    for (const [index, [, requested]] of [...byNode].entries()) {
      const part = parts[index];
      for (const request of requested) {
        const result = part?.status === 'fulfilled' ? part.value.get(request) : redisFailure(part?.reason);
        if (result) results.set(request, result);
      }
    }
    return results;
  };

  return async (nodes, requests, at, signal) => {
    const results = await readAll(nodes, requests, at, signal);
    if (!nodes.refresh) return results;
    const failed = requests.filter(
      (request) =>
        results.get(request) instanceof Failure && !nodes.scattered(queueBase(prefix, request.queue)),
    );
    if (failed.length === 0 || signal.aborted) return results;
    // A slot may have moved, or a node failed over.
    const again = await readAll(await nodes.refresh(), failed, at, signal);
    return new Map([...results, ...again]);
  };
}
