import { Queue, type Job, type JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import * as v from 'valibot';

import type { Task } from '../tasks/task.ts';
import { QUEUES, type QueueName } from './names.ts';

const DAY_S = 86_400;
/** How long a finished task stays readable. */
const KEPT_S = 30 * DAY_S;

export type Order<Args> = {
  readonly args: Args;
  /** Another order with this id is not a second task while the first is kept. */
  readonly id?: string;
  /** Another order with this id is the same task until that is done. */
  readonly once?: string;
  readonly delayMs?: number;
};

/** Where tasks are handed in. The arguments are validated here and again by the worker: code and jobs differ in age. */
export type Tasks = {
  add<Args>(task: Task<string, Args>, order: Order<Args>): Promise<Job>;
  addMany<Args>(task: Task<string, Args>, orders: readonly Order<Args>[]): Promise<void>;
  /** Again and again from now on, at each time of a cron pattern, seconds first. Harmless when repeated. */
  schedule<Args>(task: Task<string, Args>, pattern: string, args: Args): Promise<void>;
  queue(name: QueueName): Queue;
  close(): Promise<void>;
};

export function openTasks(redis: Redis): Tasks {
  const queues = new Map(QUEUES.map((name) => [name, new Queue(name, { connection: redis })]));
  const queueOf = (name: QueueName): Queue => queues.get(name) as Queue;
  for (const queue of queues.values()) queue.on('error', () => {});
  return {
    add: async (task, order) => await queueOf(task.queue).add(task.name, ...jobOf(task, order)),
    addMany: async (task, orders) => {
      await queueOf(task.queue).addBulk(
        orders.map((order) => {
          const [data, opts] = jobOf(task, order);
          return { name: task.name, data, opts };
        }),
      );
    },
    schedule: async (task, pattern, args) => {
      const [data, opts] = jobOf(task, { args });
      await queueOf(task.queue).upsertJobScheduler(task.name, { pattern }, { name: task.name, data, opts });
    },
    queue: queueOf,
    close: async () => {
      await Promise.all([...queues.values()].map(async (queue) => await queue.close()));
    },
  };
}

/** Throws valibot's ValiError for arguments that do not fit. */
function jobOf<Args>(task: Task<string, Args>, order: Order<Args>): [data: Args, opts: JobsOptions] {
  return [
    v.parse(task.args, order.args),
    {
      attempts: task.attempts,
      backoff: { type: 'exponential', delay: task.backoffMs, jitter: 0.5 },
      removeOnComplete: { age: KEPT_S, count: task.kept },
      removeOnFail: { age: KEPT_S, count: task.kept },
      ...(order.id === undefined ? {} : { jobId: order.id }),
      ...(order.once === undefined ? {} : { deduplication: { id: order.once } }),
      ...(order.delayMs === undefined ? {} : { delay: order.delayMs }),
    },
  ];
}
