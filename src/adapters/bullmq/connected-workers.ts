import type { Cluster, Redis } from 'ioredis';

import type { RedisConnection } from '../redis/connect.ts';
import { replyIdOf } from '../redis/redis-failure.ts';
import { queueNodes } from './queue-reader.ts';

/** A BullMQ worker that is connected to this Redis. */
export type ConnectedWorker = {
  readonly queue: string;
  /** The `name` option of the worker; absent: it has none. */
  readonly name?: string | undefined;
};

/**
 * The workers under a prefix, by the names that BullMQ gives their connections: `<prefix>:<base64 of the queue>`, and
 * `:w:<name>` after it where the worker has one. Undefined where the user may not run CLIENT LIST.
 */
export async function connectedWorkers(
  connection: RedisConnection,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly ConnectedWorker[] | undefined> {
  return await connection.use(signal, async (client) => {
    try {
      return (await clientLists(client)).flatMap((list) => workersIn(list, prefix));
    } catch (thrown) {
      if (replyIdOf(thrown) !== undefined) return undefined;
      throw thrown;
    }
  });
}

async function clientLists(client: Redis | Cluster): Promise<string[]> {
  return await Promise.all(queueNodes(client).masters.map(async (node) => String(await node.client('LIST'))));
}

function workersIn(clientList: string, prefix: string): ConnectedWorker[] {
  return [...clientList.matchAll(/(?:^| )name=(\S+)/gm)].flatMap(([, clientName = '']) => {
    if (!clientName.startsWith(`${prefix}:`)) return [];
    const [, encoded = '', name] =
      /^([A-Za-z0-9+/]+=*)(?::w:(.+))?$/.exec(clientName.slice(prefix.length + 1)) ?? [];
    const queue = Buffer.from(encoded, 'base64').toString();
    // Any client may choose such a name; only a queue's own name encodes to the same text.
    return queue !== '' && Buffer.from(queue).toString('base64') === encoded ? [{ queue, name }] : [];
  });
}
