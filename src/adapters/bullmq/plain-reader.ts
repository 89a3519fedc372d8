import type { Redis } from 'ioredis';

import { Failure } from '../../failure.ts';
import { redisFailure, replyIdOf } from '../redis/redis-failure.ts';
import {
  followUp,
  fourthTrip,
  optionCommands,
  resultOf,
  thirdCommands,
  thirdTrip,
  type FollowUp,
} from './plain-detail.ts';
import {
  countCommands,
  countsOf,
  FIRST_OPTIONAL,
  type Command,
  type Counts,
  type Reply,
} from './plain-counts.ts';
import type { NodeReader } from './script-reader.ts';
import { queueBase } from './queue-keys.ts';
import type { QueueRequest } from './snapshot.ts';
import { unreadable } from './unreadable.ts';

/** Active jobs of all queues of one reading that are looked at one by one. */
const SAMPLE_TOTAL = 5_000;

/** Errors that concern a key, not the connection: they make one queue unreadable. */
const OF_ONE_QUEUE: ReadonlySet<string> = new Set(['WRONGTYPE', 'NOPERM', 'MOVED', 'ASK', 'TRYAGAIN']);

/**
 * By plain commands, for servers without EVAL_RO or users without the right to it. All queues' counts come in one round
 * trip. What hangs on a job's id (since when the oldest waits, which active jobs have a lock) takes a second one,
 * bounded in size; the options of waiting jobs a third, once their length is known; and a queue that holds jobs of
 * several priorities a fourth. Commands of one trip run in their order
 * but not at one instant, so an orphan has to be in the active list after its lock was seen to be missing.
 */
export function plainReader(prefix: string): NodeReader {
  return {
    async read(node, requests, at, signal) {
      const first = await ask(
        node,
        requests.map((request) => countCommands(prefix, request, at)),
      );
      const counted = requests.map((request, index) =>
        counts(queueBase(prefix, request.queue), request, first[index] ?? [], at),
      );
      signal.throwIfAborted();
      const plans = planned(counted);
      const second = await ask(
        node,
        plans.map((plan) => plan.commands),
      );
      signal.throwIfAborted();
      const jobs = plans.map((plan, index) => ({ plan, third: thirdTrip(plan, second[index] ?? []) }));
      const third = await ask(
        node,
        jobs.map(({ plan, third: trip }) => thirdCommands(plan, trip)),
      );
      signal.throwIfAborted();
      const fourth = await ask(
        node,
        jobs.map(({ plan, third: trip }, index) =>
          optionCommands(fourthTrip(plan, trip, third[index] ?? [])),
        ),
      );
      return counted.map((seen, index) => {
        if (seen instanceof Failure) return seen;
        const job = jobs[index] ?? { plan: NOTHING, third: { asked: [] } };
        const replies = [second, third, fourth].map((trip) => trip[index] ?? []);
        return resultOf(seen, job.plan, job.third, replies);
      });
    },
  };
}

function counts(
  base: string,
  { queue }: QueueRequest,
  replies: readonly Reply[],
  at: number,
): Counts | Failure {
  const error = replies.slice(0, FIRST_OPTIONAL).find((reply) => reply instanceof Error);
  return error === undefined ? countsOf(base, replies, at) : unreadable(queue, replyIdOf(error) ?? 'ERR');
}

/** All lists of commands in one round trip, their replies in the same lists. Throws where the connection failed. */
async function ask(node: Redis, lists: readonly (readonly Command[])[]): Promise<Reply[][]> {
  if (lists.every((commands) => commands.length === 0)) return lists.map(() => []);
  const pipeline = node.pipeline();
  for (const commands of lists) for (const [name, ...args] of commands) pipeline.call(name, ...args);
  const replies = ((await pipeline.exec()) ?? []).map(([error, value]) => error ?? value);
  for (const reply of replies) {
    if (reply instanceof Error && !OF_ONE_QUEUE.has(replyIdOf(reply) ?? '')) throw redisFailure(reply);
  }
  let from = 0;
  return lists.map((commands) => replies.slice(from, (from += commands.length)));
}

const NOTHING: FollowUp = { base: '', commands: [], jobs: [], classes: false, sampled: [], lastRun: false };

function planned(counted: readonly (Counts | Failure)[]): FollowUp[] {
  let room = SAMPLE_TOTAL;
  return counted.map((seen) => {
    if (seen instanceof Failure) return NOTHING;
    const plan = followUp(seen, room);
    room -= plan.sampled.length;
    return plan;
  });
}
