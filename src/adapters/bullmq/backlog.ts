import { setTimeout as delay } from 'node:timers/promises';

import { Failure } from '../../failure.ts';
import type { Backlog, BacklogSource, QueueSelection } from '../../ports.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { assemble, type Selected } from './assemble.ts';
import { namePattern } from './name-pattern.ts';
import type { PaceClock } from './pace.ts';
import { queueDirectory, type QueueDirectory } from './queue-directory.ts';
import { queueNodes, type QueueNodes } from './queue-nodes.ts';
import { queueReader } from './queue-reader.ts';
import type { QueueRequest } from './snapshot.ts';

export type BacklogOptions = {
  /** What the app's queues have as their prefix; BULLMQ_PREFIX. */
  readonly prefix: string;
  /** By which scripts are paced; the machine's own where there is none. */
  readonly clock?: PaceClock;
};

/** How long the very first look for names may hold up a reading; after that it goes on beside it. */
const FIRST_SWEEP_MS = 2_000;

/**
 * The queues of one Redis. All that were selected are read in one round trip (per node of a cluster) where the server
 * runs EVAL_RO, in up to four bounded ones where not. Names for patterns, and near misses for names that no queue
 * has, are found by SCAN between readings. A queue exists when its `meta` or `id` key does, or when it holds jobs.
 */
export function bullmqBacklog(connection: RedisConnection, { prefix, clock }: BacklogOptions): BacklogSource {
  const directory = queueDirectory(prefix);
  const read = queueReader(prefix, clock);

  const readAll = async (
    nodes: QueueNodes,
    selections: readonly QueueSelection[],
    at: number,
    signal: AbortSignal,
  ): Promise<readonly Backlog[]> => {
    const searching = selections.some(({ patterns }) => patterns.some(isPattern));
    if (searching && !directory.complete) await firstSweep(directory, nodes, at);

    const requests = new Map<string, QueueRequest>();
    const selected = selections.map((selection) => select(selection, directory.names, requests));
    const results = await read(nodes, [...requests.values()], at, signal);

    const absent = [...results.values()].some((seen) => !(seen instanceof Failure) && !seen.exists);
    if (absent && !directory.complete) await firstSweep(directory, nodes, at);
    // Beside the next tick's wait, not before this one's answer.
    else if (searching || absent) void directory.sweep(nodes.masters, at);

    return selected.map((selection) => assemble(selection, results, directory, prefix));
  };

  return {
    async read(selections, at, signal) {
      return await connection.use(
        signal,
        async (client) => await readAll(queueNodes(client), selections, at, signal),
      );
    },
  };
}

async function firstSweep(directory: QueueDirectory, nodes: QueueNodes, at: number): Promise<void> {
  const waiting = new AbortController();
  await Promise.race([
    directory.sweep(nodes.masters, at),
    delay(FIRST_SWEEP_MS, undefined, { signal: waiting.signal }).catch(() => {}),
  ]);
  waiting.abort();
}

/** The queues of a selection, each with the request it shares with every selection that looks as far ahead. */
function select(
  { patterns, horizonMs }: QueueSelection,
  names: ReadonlySet<string>,
  requests: Map<string, QueueRequest>,
): Selected {
  const chosen = new Map<string, { request: QueueRequest; named: boolean }>();
  const unmatched: string[] = [];
  const choose = (queue: string, named: boolean): void => {
    const key = `${horizonMs} ${queue}`;
    const request = requests.get(key) ?? { queue, horizonMs };
    requests.set(key, request);
    chosen.set(queue, { request, named: named || chosen.get(queue)?.named === true });
  };
  for (const pattern of patterns) {
    if (!isPattern(pattern)) {
      choose(pattern, true);
      continue;
    }
    const before = [...names].filter(namePattern(pattern));
    for (const name of before) choose(name, false);
    if (before.length === 0) unmatched.push(pattern);
  }
  return { queues: [...chosen.values()], unmatched, searching: patterns.some(isPattern) };
}

function isPattern(name: string): boolean {
  return name.includes('*');
}
