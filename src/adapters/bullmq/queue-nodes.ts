import { Cluster, type Redis } from 'ioredis';

import { hashSlot, hashTag } from '../redis/hash-slot.ts';

/** Where queues live: one node, or the masters of a cluster. */
export type QueueNodes = {
  readonly masters: readonly Redis[];
  /** The node that holds all keys of this base, or undefined where there is none at the moment. */
  ownerOf(base: string): Redis | undefined;
  /** Whether keys of one base may lie on several nodes: on a cluster without a hash tag. BullMQ cannot use such. */
  scattered(base: string): boolean;
  /** Asks the cluster anew which node holds what. Absent where nothing can have moved. */
  readonly lookAgain?: () => Promise<QueueNodes>;
};

export function queueNodes(client: Redis | Cluster): QueueNodes {
  if (!(client instanceof Cluster)) {
    return { masters: [client], ownerOf: () => client, scattered: () => false };
  }
  const masters = client.nodes('master');
  const byName = new Map(masters.map((node) => [`${node.options.host}:${node.options.port}`, node]));
  return {
    masters,
    ownerOf: (base) => byName.get(client.slots[hashSlot(base)]?.[0] ?? ''),
    scattered: (base) => hashTag(base) === undefined,
    async lookAgain() {
      await new Promise<void>((resolve) => {
        // A refusal changes nothing: what could not be read then stays so.
        client.refreshSlotsCache(() => resolve());
      });
      return queueNodes(client);
    },
  };
}
