import type { RedisConnection } from '../redis/connect.ts';
import { escapeGlob } from './queue-directory.ts';
import { queueNodes } from './queue-reader.ts';

/** Bounds the search on a large Redis: a thousand keys a step, on each node. */
const STEPS = 500;
const KEYS_A_STEP = 1_000;
const MOST_QUEUES = 1_000;

/**
 * The queues of this Redis by their prefixes, those with the most queues first, each sorted. `prefix`: only this one. Found
 * by the `meta` key that opening a Queue writes. Throws a Failure.
 */
export async function findQueues(
  connection: RedisConnection,
  prefix: string | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const match = `${prefix === undefined ? '*' : escapeGlob(prefix)}:*:meta`;
  const found = new Map<string, Set<string>>();
  await connection.use(signal, async (client) => {
    for (const node of queueNodes(client).masters) {
      let cursor = '0';
      for (let step = 0; step < STEPS; step += 1) {
        const [next, keys] = await node.scan(cursor, 'MATCH', match, 'COUNT', KEYS_A_STEP);
        for (const key of keys) keep(found, key);
        cursor = next;
        if (cursor === '0' || signal.aborted) break;
      }
    }
  });
  const sorted = [...found].toSorted(([, a], [, b]) => b.size - a.size);
  return new Map(sorted.map(([name, queues]) => [name, [...queues].toSorted()]));
}

/** BullMQ allows a colon neither in a queue's name nor, as Drover reads it, in a prefix. */
function keep(found: Map<string, Set<string>>, key: string): void {
  const [prefix = '', queue = '', ...rest] = key.split(':');
  if (prefix === '' || queue === '' || rest.length !== 1 || prefix.startsWith('drover')) return;
  const queues = found.get(prefix) ?? new Set();
  if (queues.size < MOST_QUEUES) found.set(prefix, queues.add(queue));
}
