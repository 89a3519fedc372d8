import { setTimeout as delay } from 'node:timers/promises';

import type { Redis } from 'ioredis';

import type { Failure } from '../../failure.ts';
import { redisFailure, replyIdOf } from '../redis/redis-failure.ts';
import { decodeRow } from './decode-row.ts';
import { dueScore, queueBase } from './queue-keys.ts';
import type { QueueRequest, Snapshot } from './snapshot.ts';
import { SNAPSHOT_SCRIPT, SNAPSHOT_SHA } from './snapshot-script.ts';
import { unreadable } from './unreadable.ts';

/**
 * Reads the requests from one node, in their order: each a snapshot, or why this one queue cannot be read, or undefined
 * where something stood in the way and only a plain command can say what.
 */
export type NodeReader = {
  read(
    node: Redis,
    requests: readonly QueueRequest[],
    at: number,
  ): Promise<(Snapshot | Failure | undefined)[]>;
};

/** The server cannot or may not run the script: read by plain commands instead. */
export class ScriptRefused extends Error {}

/** Active jobs of one queue that are looked at one by one. */
const SAMPLE = 1_000;

/** CPU seconds after which a script stops between two queues: half of what it may hold Redis for. */
const BUDGET_S = 0.001;

/** Cost of a queue and of one of its active jobs: about microseconds on a small server. */
const QUEUE_COST = 25;
const ACTIVE_COST = 1.2;
const LARGEST_CHUNK_COST = 800;
const SMALLEST_CHUNK_COST = QUEUE_COST;

/**
 * From one script to the next. All of them sent at once would lie in Redis's buffer, which it empties before it turns to
 * another client: each would be short, and all together a long wait for everybody else.
 */
const PACE_MS = 1;

/**
 * By EVAL_RO, in chunks small enough to hold Redis for about a millisecond. None waits for the answer to another: one
 * round trip.
 * What a chunk did not get done in its time is asked for again, and the chunks after it are made smaller, so a second
 * trip is the exception. A queue's cost is its active jobs of the last time.
 */
export function scriptReader(prefix: string): NodeReader {
  const costs = new Map<string, number>();
  let chunkCost = LARGEST_CHUNK_COST;

  const costOf = ({ queue }: QueueRequest): number => costs.get(queue) ?? QUEUE_COST;

  return {
    async read(node, requests, at) {
      const results = new Map<QueueRequest, Snapshot | Failure | undefined>();
      let left: readonly QueueRequest[] = requests;
      while (left.length > 0) {
        const chunks = chunked(left, costOf, chunkCost);
        const replies = await evaluate(node, prefix, chunks, at);
        const undone: QueueRequest[] = [];
        for (const [index, chunk] of chunks.entries()) {
          const rows = replies[index] ?? [];
          for (const [position, request] of chunk.entries()) {
            const row = rows[position];
            if (row === undefined) {
              undone.push(request);
              continue;
            }
            const seen = decodeRow(row);
            if (!('errorId' in seen)) costs.set(request.queue, QUEUE_COST + seen.sample.looked * ACTIVE_COST);
            results.set(request, 'errorId' in seen ? explained(request, seen.errorId) : seen);
          }
        }
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

async function evaluate(
  node: Redis,
  prefix: string,
  chunks: readonly (readonly QueueRequest[])[],
  at: number,
): Promise<unknown[][]> {
  const replies: Promise<unknown>[] = [];
  const startedAt = performance.now();
  for (const [index, chunk] of chunks.entries()) {
    const args = [BUDGET_S, SAMPLE, Math.floor(at), dueScore(at)].map(String);
    for (const { queue, horizonMs } of chunk) {
      args.push(queueBase(prefix, queue), String(dueScore(at + horizonMs)));
    }
    const aheadMs = startedAt + index * PACE_MS - performance.now();
    if (aheadMs > 0) await delay(aheadMs);
    // The first carries the script, and with it the server knows it for those that follow on the same connection.
    const sent =
      index === 0
        ? node.call('EVAL_RO', SNAPSHOT_SCRIPT, '0', ...args)
        : node.call('EVALSHA_RO', SNAPSHOT_SHA, '0', ...args);
    replies.push(sent.catch((thrown: unknown) => thrown));
  }
  return (await Promise.all(replies)).map((rows) => {
    if (rows instanceof Error) throw refusal(rows);
    return Array.isArray(rows) ? rows : [];
  });
}

/** A server without the command says ERR, one that forbids it NOPERM; both may still allow plain reads. */
function refusal(error: Error): Error {
  const id = replyIdOf(error);
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
