import type { Redis } from 'ioredis';

import { Failure } from '../../failure.ts';
import { cleanText } from './clean-text.ts';
import { plainReader } from './plain-reader.ts';
import { queueBase } from './queue-keys.ts';
import type { QueueNodes } from './queue-nodes.ts';
import { ScriptRefused, scriptReader } from './script-reader.ts';
import type { QueueRequest, Snapshot } from './snapshot.ts';

export type QueueReader = (
  nodes: QueueNodes,
  requests: readonly QueueRequest[],
  at: number,
) => Promise<ReadonlyMap<QueueRequest, Snapshot | Failure>>;

/** All queues at once, from every node that holds some of them, each in the way the node allows. */
export function queueReader(prefix: string): QueueReader {
  const script = scriptReader(prefix);
  const plain = plainReader(prefix);
  const refusing = new WeakSet<Redis>();

  const readNode = async (
    node: Redis,
    requests: readonly QueueRequest[],
    at: number,
  ): Promise<(Snapshot | Failure)[]> => {
    if (!refusing.has(node)) {
      try {
        return await script.read(node, requests, at);
      } catch (thrown) {
        if (!(thrown instanceof ScriptRefused)) throw thrown;
        refusing.add(node);
      }
    }
    return await plain.read(node, requests, at);
  };

  return async (nodes, requests, at) => {
    const results = new Map<QueueRequest, Snapshot | Failure>();
    const byNode = new Map<Redis, QueueRequest[]>();
    for (const request of requests) {
      const base = queueBase(prefix, request.queue);
      const node = nodes.ownerOf(base);
      if (nodes.scattered(base)) results.set(request, scattered(request.queue));
      else if (!node) results.set(request, ownerless(request.queue));
      else byNode.set(node, [...(byNode.get(node) ?? []), request]);
    }
    await Promise.all(
      [...byNode].map(async ([node, asked]) => {
        const seen = await readNode(node, asked, at);
        for (const [index, request] of asked.entries()) {
          const result = seen[index];
          if (result) results.set(request, result);
        }
      }),
    );
    return results;
  };
}

function scattered(queue: string): Failure {
  return new Failure(
    'QUEUE_UNREADABLE',
    `queue ${cleanText(queue)} lies on several nodes of the cluster, where BullMQ cannot work on it`,
    'Give the app and BULLMQ_PREFIX a hash tag, such as {bull}.',
  );
}

function ownerless(queue: string): Failure {
  return new Failure(
    'QUEUE_UNREADABLE',
    `no node of the cluster serves queue ${cleanText(queue)} at the moment`,
    'Nothing to do during a failover; else look at CLUSTER SLOTS.',
  );
}
