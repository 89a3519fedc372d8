import type { Redis } from 'ioredis';

import { Failure } from '../../failure.ts';
import { redisFailure, replyIdOf } from '../redis/redis-failure.ts';
import {
  countCommands,
  countError,
  countsOf,
  type Command,
  type Counts,
  type Reply,
} from './plain-counts.ts';
import {
  followUp,
  fourthTrip,
  optionCommands,
  resultOf,
  thirdCommands,
  thirdTrip,
  type FollowUp,
} from './plain-jobs.ts';
import { unreadable } from './queue-failure.ts';
import { queueBase } from './queue-keys.ts';
import type { NodeReader } from './script-reader.ts';

/** Most active jobs of all queues that one reading inspects. */
const SAMPLE_TOTAL = 5_000;

/** Errors that concern a key, not the connection: they make one queue unreadable. */
const OF_ONE_QUEUE: ReadonlySet<string> = new Set(['WRONGTYPE', 'NOPERM', 'MOVED', 'ASK', 'TRYAGAIN']);

/**
 * Reads by plain commands, for servers without EVAL_RO and users without the right to it. The first round trip reads all
 * counts. The second, bounded in size, inspects jobs by their ids: when the oldest became ready, and which active jobs
 * have a lock. The third reads the options of waiting jobs once their length is known, and the fourth those of a job
 * that may be starving in the lowest of several priority classes. The commands of a trip run in order but not at one
 * instant, so an orphan has to be in the active list still after its lock was seen to be missing.
 */
export function plainReader(prefix: string): NodeReader {
  return {
    async read(node, requests, at, signal) {
      const first = await send(
        node,
        requests.map((request) => countCommands(prefix, request, at)),
      );
      const counted = requests.map(({ queue }, index): Counts | Failure => {
        const replies = first[index] ?? [];
        const error = countError(replies);
        if (error) return unreadable(queue, replyIdOf(error) ?? 'ERR');
        return countsOf(queueBase(prefix, queue), replies, at);
      });
      signal.throwIfAborted();
      const plans = planned(counted);
      const second = await send(
        node,
        plans.map((plan) => plan.commands),
      );
      signal.throwIfAborted();
      const jobs = plans.map((plan, index) => ({ plan, third: thirdTrip(plan, second[index] ?? []) }));
      const third = await send(
        node,
        jobs.map(({ plan, third: trip }) => thirdCommands(plan, trip)),
      );
      signal.throwIfAborted();
      const fourth = await send(
        node,
        jobs.map(({ plan, third: trip }, index) =>
          optionCommands(fourthTrip(plan, trip, third[index] ?? [])),
        ),
      );
      return counted.map((seen, index) => {
        if (seen instanceof Failure) return seen;
        const job = jobs[index] ?? { plan: NOTHING, third: { jobs: [] } };
        const replies = [second, third, fourth].map((trip) => trip[index] ?? []);
        return resultOf(seen, job.plan, job.third, replies);
      });
    },
  };
}

/** Sends all lists of commands in one round trip and returns a list of replies for each. Throws if the connection fails. */
async function send(node: Redis, lists: readonly (readonly Command[])[]): Promise<Reply[][]> {
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
