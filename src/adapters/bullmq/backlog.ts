import { setTimeout as delay } from 'node:timers/promises';

import type { QueueObservation } from '../../core/types.ts';
import { Failure } from '../../failure.ts';
import type { Backlog, BacklogSource, QueueSelection } from '../../ports.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { redisFailure } from '../redis/redis-failure.ts';
import type { PaceClock } from './pace.ts';
import { queueDirectory, type QueueDirectory } from './queue-directory.ts';
import { missing, namesIncomplete } from './queue-failure.ts';
import { cleanText, isPattern, namePattern, nearMisses } from './queue-names.ts';
import { queueNodes, queueReader, type QueueNodes } from './queue-reader.ts';
import { observe, type QueueRequest, type Snapshot } from './snapshot.ts';
import { takeableReader } from './takeable-reader.ts';

export type BacklogOptions = {
  /** The prefix of the app's queues; BULLMQ_PREFIX. */
  readonly prefix: string;
  /** Paces the scripts; the machine's clock by default. */
  readonly clock?: PaceClock;
};

/** How long the first search for names may delay a reading; later searches run beside it. */
const FIRST_SWEEP_MS = 2_000;

/**
 * The queues of one Redis. All selected queues are read in one round trip (per node of a cluster) where the server runs
 * EVAL_RO, in up to four bounded ones elsewhere. SCAN finds the names for patterns, and the near misses of a missing
 * name, between readings. A queue exists when its `meta` or `id` key does, or when it holds jobs.
 */
export function bullmqBacklog(connection: RedisConnection, { prefix, clock }: BacklogOptions): BacklogSource {
  const directory = queueDirectory(prefix);
  const read = queueReader(prefix, clock);
  const readTakeable = takeableReader(prefix);

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
    // Not awaited: the search runs until the next tick and does not delay this reading.
    else if (searching || absent) void directory.sweep(nodes.masters, at);

    return selected.map((selection) => backlogOf(selection, results, directory, prefix));
  };

  return {
    async read(selections, at, signal) {
      return await connection.use(
        signal,
        async (client) => await readAll(queueNodes(client), selections, at, signal),
      );
    },
    async peek(patterns, at, signal) {
      // Of a pattern, the queues that are known by now: a peek does not search.
      const names = patterns.map((list) =>
        select({ patterns: list, horizonMs: 0 }, directory.names, new Map()).queues.map(
          ({ request }) => request.queue,
        ),
      );
      const takeable = await connection.use(
        signal,
        async (client) => await readTakeable(queueNodes(client), new Set(names.flat()), at, signal),
      );
      return names.map((list) => new Map(list.flatMap((queue) => jobsIn(takeable, queue))));
    },
  };
}

function jobsIn(takeable: ReadonlyMap<string, number>, queue: string): [string, number][] {
  const jobs = takeable.get(queue);
  return jobs === undefined ? [] : [[cleanText(queue), jobs]];
}

async function firstSweep(directory: QueueDirectory, nodes: QueueNodes, at: number): Promise<void> {
  const waiting = new AbortController();
  await Promise.race([
    directory.sweep(nodes.masters, at),
    delay(FIRST_SWEEP_MS, undefined, { signal: waiting.signal }).catch(() => {}),
  ]);
  waiting.abort();
}

/** The queues that a selection's names and patterns stand for. */
type Selected = {
  /** `named`: listed by its name, so a missing queue is an error. */
  readonly queues: readonly { readonly request: QueueRequest; readonly named: boolean }[];
  /** Patterns that match no queue found so far. */
  readonly unmatched: readonly string[];
  readonly hasPattern: boolean;
};

/** Selections with the same horizon share the request for a queue, by way of `requests`. */
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
    const matches = [...names].filter(namePattern(pattern));
    for (const name of matches) choose(name, false);
    if (matches.length === 0) unmatched.push(pattern);
  }
  return { queues: [...chosen.values()], unmatched, hasPattern: patterns.some(isPattern) };
}

/** The backlog of one selection, from the results of all selections. */
function backlogOf(
  { queues, unmatched, hasPattern }: Selected,
  results: ReadonlyMap<QueueRequest, Snapshot | Failure>,
  directory: QueueDirectory,
  prefix: string,
): Backlog {
  const observed: QueueObservation[] = [];
  const unreadable: { queue: string; failure: Failure }[] = [];
  const holders = new Map<string | null, number>();
  let holdersComplete = true;
  const reject = (queue: string, failure: Failure): void => {
    unreadable.push({ queue: cleanText(queue), failure });
    holdersComplete = false;
  };

  for (const { request, named } of queues) {
    const { queue } = request;
    const seen = results.get(request);
    if (seen === undefined || seen instanceof Failure) {
      if (seen) reject(queue, seen);
      continue;
    }
    const observation = observe(cleanText(queue), seen);
    if (observation) {
      observed.push(observation);
      holdersComplete &&= seen.sample.complete;
      for (const [name, jobs] of seen.sample.holders) holders.set(name, (holders.get(name) ?? 0) + jobs);
    } else if (named) {
      reject(queue, missing(queue, prefix, nearMisses(queue, directory.names)));
    }
  }
  const { names, complete, overflowing, error } = directory;
  if (!hasPattern || (complete && !overflowing)) {
    for (const pattern of unmatched) reject(pattern, missing(pattern, prefix, nearMisses(pattern, names)));
  } else {
    reject('*', error === undefined ? namesIncomplete(overflowing) : redisFailure(error));
  }
  return { queues: observed, unreadable, holders, holdersComplete };
}
