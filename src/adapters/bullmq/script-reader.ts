import type { Redis } from 'ioredis';

import { Failure } from '../../failure.ts';
import { redisFailure, replyIdOf } from '../redis/redis-failure.ts';
import { decodeRow } from './decode-row.ts';
import { pace, type Pace, type PaceClock } from './pace.ts';
import { dueScore, queueBase } from './queue-keys.ts';
import type { QueueRequest, Snapshot } from './snapshot.ts';
import { SNAPSHOT_SCRIPT, SNAPSHOT_SHA } from './snapshot-script.ts';
import { unreadable } from './unreadable.ts';

/**
 * Reads the requests from one node, in their order: each a snapshot, or why this one queue cannot be read, or undefined
 * where something stood in the way and only a plain command can say what. Once the signal aborts, nothing more is sent.
 */
export type NodeReader = {
  read(
    node: Redis,
    requests: readonly QueueRequest[],
    at: number,
    signal: AbortSignal,
  ): Promise<(Snapshot | Failure | undefined)[]>;
};

/** The server cannot or may not run the script: read by plain commands instead. */
export class ScriptRefused extends Error {}

/** The server no longer has the script: it was restarted, or told to forget its scripts. */
class ScriptForgotten extends Error {}

/** Active jobs of one queue that are looked at one by one. */
const SAMPLE = 1_000;

/** CPU seconds after which a script stops between two queues: it may hold Redis for two milliseconds. */
const BUDGET_S = 0.0015;

/** Cost of a queue and of one of its active jobs: about microseconds on a small server. */
const QUEUE_COST = 25;
const ACTIVE_COST = 1.2;
const LARGEST_CHUNK_COST = 450;
const SMALLEST_CHUNK_COST = QUEUE_COST;

/**
 * By EVAL_RO, in chunks small enough to hold Redis for well under a millisecond, sent at its own pace: none waits for
 * the answer to another, so this is one round trip. What a chunk did not get done in its time is asked for again, and
 * the chunks after it are made smaller, so a second trip is the exception, as it is where the server has forgotten the
 * script. A queue's cost is its active jobs of the last time.
 */
export function scriptReader(prefix: string, clock?: PaceClock): NodeReader {
  const costs = new Map<string, number>();
  const paces = new WeakMap<Redis, Pace>();
  /** Nodes that have been sent the script. */
  const taught = new WeakSet<Redis>();
  let chunkCost = LARGEST_CHUNK_COST;

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
          results.set(request, 'errorId' in seen ? explained(request, seen.errorId) : seen);
        };
        const chunks = chunked(left, costOf, chunkCost);
        try {
          await evaluate(node, prefix, chunks, at, signal, paceOf(node), taught.has(node), take);
        } catch (thrown) {
          if (!(thrown instanceof ScriptForgotten)) throw thrown;
          // Just sent and not there: behind a proxy each command may reach another server.
          if (!taught.delete(node)) throw new ScriptRefused('NOSCRIPT');
          continue;
        }
        taught.add(node);
        chunkCost =
          undone.length === 0
            ? Math.min(LARGEST_CHUNK_COST, chunkCost * 1.05)
            : Math.max(SMALLEST_CHUNK_COST, chunkCost / 2);
        left = undone;
      }
      forget(costs, requests);
      return requests.map((request) => results.get(request));
    },
  };
}

/**
 * Sends the chunks, and hands over each request's row as soon as it is there, so that the answers of thousands of queues
 * are never in memory at once; no row where the script's time ran out before it. Throws what stopped the reading.
 */
async function evaluate(
  node: Redis,
  prefix: string,
  chunks: readonly (readonly QueueRequest[])[],
  at: number,
  signal: AbortSignal,
  { begin, turn }: Pace,
  taught: boolean,
  take: (request: QueueRequest, row: unknown) => void,
): Promise<void> {
  const head = [BUDGET_S, SAMPLE, Math.floor(at), dueScore(at)].map(String);
  const stopped: unknown[] = [];
  begin();
  const answers: Promise<void>[] = [];
  for (const [index, chunk] of chunks.entries()) {
    const answered = await turn();
    if (stopped.length > 0 || signal.aborted) {
      answered();
      break;
    }
    const args = chunk.flatMap(({ queue, horizonMs }) => [
      queueBase(prefix, queue),
      String(dueScore(at + horizonMs)),
    ]);
    // Where it is new, the first carries it, and the server has it for those that follow on the same connection.
    const answer =
      index === 0 && !taught
        ? node.call('EVAL_RO', SNAPSHOT_SCRIPT, '0', ...head, ...args)
        : node.call('EVALSHA_RO', SNAPSHOT_SHA, '0', ...head, ...args);
    const taken = answer
      .finally(answered)
      .then((rows) => {
        const list = Array.isArray(rows) ? rows : [];
        for (const [position, request] of chunk.entries()) take(request, list[position]);
      })
      .catch((thrown: unknown) => void stopped.push(thrown));
    answers.push(taken);
  }
  await Promise.all(answers);
  signal.throwIfAborted();
  const [first] = stopped;
  if (first instanceof Error) throw refusal(first);
}

/** A server without the command says ERR, one that forbids it NOPERM; both may still allow plain reads. */
function refusal(error: Error): Error {
  if (error instanceof Failure) return error;
  const id = replyIdOf(error);
  if (id === 'NOSCRIPT') return new ScriptForgotten();
  return id === 'ERR' || id === 'NOPERM' ? new ScriptRefused(id) : redisFailure(error);
}

function chunked(
  requests: readonly QueueRequest[],
  costOf: (request: QueueRequest) => number,
  most: number,
): QueueRequest[][] {
  const chunks: QueueRequest[][] = [];
  let room = 0;
  for (const request of requests) {
    const cost = costOf(request);
    const last = chunks.at(-1);
    if (last && cost <= room) {
      last.push(request);
      room -= cost;
    } else {
      chunks.push([request]);
      room = most - cost;
    }
  }
  return chunks;
}

/** Queues that are no longer asked for leave no trace. */
function forget(costs: Map<string, number>, requests: readonly QueueRequest[]): void {
  if (costs.size <= requests.length) return;
  const asked = new Set(requests.map(({ queue }) => queue));
  for (const queue of costs.keys()) if (!asked.has(queue)) costs.delete(queue);
}

/** Within a script Redis tells only some errors apart: a key on another node, for one, is just ERR. */
function explained({ queue }: QueueRequest, errorId: string): Failure | undefined {
  return errorId === 'ERR' ? undefined : unreadable(queue, errorId);
}
