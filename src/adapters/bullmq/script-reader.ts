import type { Redis } from 'ioredis';

import { Failure } from '../../failure.ts';
import { redisFailure, replyIdOf } from '../redis/redis-failure.ts';
import { pace, type Pace, type PaceClock } from './pace.ts';
import { unreadable } from './queue-failure.ts';
import { dueScore, queueBase } from './queue-keys.ts';
import { decodeRow } from './snapshot-row.ts';
import { SNAPSHOT_SCRIPT, SNAPSHOT_SHA } from './snapshot-script.ts';
import type { QueueRequest, Snapshot } from './snapshot.ts';

/**
 * Reads the requests from one node. The results are in their order: a snapshot, why this one queue cannot be read, or
 * undefined for an error that only a plain command can tell apart. Sends nothing more once the signal aborts.
 */
export type NodeReader = {
  read(
    node: Redis,
    requests: readonly QueueRequest[],
    at: number,
    signal: AbortSignal,
  ): Promise<(Snapshot | Failure | undefined)[]>;
};

/** The server does not run the script for this user: plain commands may still work. */
export class ScriptRefused extends Error {}

/** The server does not have the script in its cache: it was restarted or its scripts were flushed. */
class ScriptForgotten extends Error {}

/** Most active jobs of one queue that are inspected. */
const SAMPLE = 1_000;

/** CPU seconds after which a script stops before its next queue; no script may hold Redis for more than 2 ms. */
const BUDGET_S = 0.0015;

/** The cost of a queue and of one of its active jobs, roughly microseconds on a small server. */
const QUEUE_COST = 25;
const ACTIVE_COST = 1.2;
const LARGEST_BATCH_COST = 450;
const SMALLEST_BATCH_COST = QUEUE_COST;

/**
 * Reads by EVAL_RO, in batches small enough to hold Redis for well under a millisecond. No batch waits for the reply to
 * another, so a reading is one round trip. A second trip is the exception: where a batch ran out of time, its remaining
 * queues are requested again and later batches are smaller; where the server lost the script, it is sent again. A
 * queue's cost is estimated from the active jobs of its last reading.
 */
export function scriptReader(prefix: string, clock?: PaceClock): NodeReader {
  const costs = new Map<string, number>();
  const paces = new WeakMap<Redis, Pace>();
  /** Nodes that have the script in their cache. */
  const cached = new WeakSet<Redis>();
  let batchCost = LARGEST_BATCH_COST;

  const costOf = ({ queue }: QueueRequest): number => costs.get(queue) ?? QUEUE_COST;

  const paceOf = (node: Redis): Pace => {
    const known = paces.get(node) ?? pace(clock);
    paces.set(node, known);
    return known;
  };

  return {
    async read(node, requests, at, signal) {
      const results = new Map<QueueRequest, Snapshot | Failure | undefined>();
      let left: readonly QueueRequest[] = requests;
      while (left.length > 0) {
        const undone: QueueRequest[] = [];
        const take = (request: QueueRequest, row: unknown): void => {
          if (row === undefined) {
            undone.push(request);
            return;
          }
          const seen = decodeRow(row);
          if (!('errorId' in seen)) costs.set(request.queue, QUEUE_COST + seen.sample.looked * ACTIVE_COST);
          results.set(request, 'errorId' in seen ? failureOf(request, seen.errorId) : seen);
        };
        const batches = batched(left, costOf, batchCost);
        try {
          const run = { node, prefix, at, signal, pace: paceOf(node), cached: cached.has(node) };
          await evaluate(batches, run, take);
        } catch (thrown) {
          if (!(thrown instanceof ScriptForgotten)) throw thrown;
          // Just sent, yet missing: a proxy may pass each command to another server.
          if (!cached.delete(node)) throw new ScriptRefused('NOSCRIPT');
          continue;
        }
        cached.add(node);
        batchCost =
          undone.length === 0
            ? Math.min(LARGEST_BATCH_COST, batchCost * 1.05)
            : Math.max(SMALLEST_BATCH_COST, batchCost / 2);
        left = undone;
      }
      forget(costs, requests);
      return requests.map((request) => results.get(request));
    },
  };
}

type Run = {
  readonly node: Redis;
  readonly prefix: string;
  readonly at: number;
  readonly signal: AbortSignal;
  readonly pace: Pace;
  readonly cached: boolean;
};

/**
 * Sends the batches. Passes each request's row to `take` as soon as it arrives, so that the replies of thousands of
 * queues are never in memory at once; the row is undefined where the script ran out of time before it.
 */
async function evaluate(
  batches: readonly (readonly QueueRequest[])[],
  { node, prefix, at, signal, pace: { begin, turn }, cached }: Run,
  take: (request: QueueRequest, row: unknown) => void,
): Promise<void> {
  const head = [BUDGET_S, SAMPLE, Math.floor(at), dueScore(at)].map(String);
  const errors: unknown[] = [];
  begin();
  const replies: Promise<void>[] = [];
  for (const [index, batch] of batches.entries()) {
    const answered = await turn();
    if (errors.length > 0 || signal.aborted) {
      answered();
      break;
    }
    const args = batch.flatMap(({ queue, horizonMs }) => [
      queueBase(prefix, queue),
      String(dueScore(at + horizonMs)),
    ]);
    // The first batch carries the script where the server lacks it; the others follow on the same connection.
    const reply =
      index === 0 && !cached
        ? node.call('EVAL_RO', SNAPSHOT_SCRIPT, '0', ...head, ...args)
        : node.call('EVALSHA_RO', SNAPSHOT_SHA, '0', ...head, ...args);
    const taken = reply
      .finally(answered)
      .then((rows) => {
        const list = Array.isArray(rows) ? rows : [];
        for (const [position, request] of batch.entries()) take(request, list[position]);
      })
      .catch((thrown: unknown) => void errors.push(thrown));
    replies.push(taken);
  }
  await Promise.all(replies);
  signal.throwIfAborted();
  const [first] = errors;
  if (first instanceof Error) throw readingError(first);
}

/** A server without EVAL_RO replies ERR, one that forbids it NOPERM; both may still allow plain commands. */
function readingError(error: Error): Error {
  if (error instanceof Failure) return error;
  const id = replyIdOf(error);
  if (id === 'NOSCRIPT') return new ScriptForgotten();
  return id === 'ERR' || id === 'NOPERM' ? new ScriptRefused(id) : redisFailure(error);
}

function batched(
  requests: readonly QueueRequest[],
  costOf: (request: QueueRequest) => number,
  mostCost: number,
): QueueRequest[][] {
  const batches: QueueRequest[][] = [];
  let room = 0;
  for (const request of requests) {
    const cost = costOf(request);
    const last = batches.at(-1);
    if (last && cost <= room) {
      last.push(request);
      room -= cost;
    } else {
      batches.push([request]);
      room = mostCost - cost;
    }
  }
  return batches;
}

/** Drops the costs of queues that are no longer selected. */
function forget(costs: Map<string, number>, requests: readonly QueueRequest[]): void {
  if (costs.size <= requests.length) return;
  const selected = new Set(requests.map(({ queue }) => queue));
  for (const queue of costs.keys()) if (!selected.has(queue)) costs.delete(queue);
}

/** Inside a script many errors have the id ERR, such as a missing right or a key on another node. */
function failureOf({ queue }: QueueRequest, errorId: string): Failure | undefined {
  return errorId === 'ERR' ? undefined : unreadable(queue, errorId);
}
