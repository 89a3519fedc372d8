import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';

import { QUEUES } from '../queues/names.ts';
import { taskOf } from '../tasks/registry.ts';
import { delayWithin } from '../tasks/window.ts';
import type { Parts } from './server.ts';
import { Malformed, wellFormed } from './wellformed.ts';

const instant = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text) => Date.parse(text)),
);

const NewTask = v.strictObject({
  type: v.string(),
  args: v.unknown(),
  /** Absent: as soon as it can be. Else it runs somewhere between the two. */
  window: v.optional(v.strictObject({ from: instant, to: instant })),
});

const TaskId = v.object({ queue: v.picklist(QUEUES), id: v.pipe(v.string(), v.maxLength(200)) });

export function taskRoutes(server: FastifyInstance, { tasks }: Parts): void {
  server.post('/tasks', async (request, reply) => {
    const { type, args, window } = wellFormed(NewTask, request.body);
    const task = taskOf(type);
    if (task === undefined) throw new Malformed(`there is no task ${type}`);
    const delayMs = window === undefined ? 0 : delayWithin(window, Date.now(), Math.random());
    if (delayMs === undefined) throw new Malformed('the window is over');
    const job = await tasks.add(task, { args: wellFormed(task.args, args), delayMs });
    return await reply.code(202).send({ queue: task.queue, id: job.id, delayMs });
  });

  // What became of it, for as long as it is kept.
  server.get('/tasks/:queue/:id', async (request, reply) => {
    const { queue, id } = wellFormed(TaskId, request.params);
    // The state first: a job read before it may lack the result of one that has ended since.
    const state = await tasks.queue(queue).getJobState(id);
    const job = await tasks.queue(queue).getJob(id);
    if (job === undefined) return await reply.code(404).send({ error: 'NOT_FOUND' });
    const { logs } = await tasks.queue(queue).getJobLogs(id);
    return {
      type: job.name,
      args: job.data as unknown,
      state,
      attempts: job.attemptsMade,
      result: job.returnvalue as unknown,
      failed: job.failedReason,
      log: logs,
      finishedAt: job.finishedOn === undefined ? undefined : new Date(job.finishedOn).toISOString(),
    };
  });
}
