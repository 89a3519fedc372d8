import { UnrecoverableError, type Job } from 'bullmq';
import * as v from 'valibot';

import { taskOf } from './registry.ts';
import type { Tools } from './task.ts';

/** Runs one job. Arguments that do not fit, or a type that is not known, will fit no better next time: no retry. */
export async function runTask(job: Job, tools: Tools): Promise<unknown> {
  const task = taskOf(job.name);
  if (task === undefined) throw new UnrecoverableError(`there is no task ${job.name}`);
  const parsed = v.safeParse(task.args, job.data);
  if (!parsed.success) throw new UnrecoverableError(v.summarize(parsed.issues));
  return await task.run(parsed.output, tools, {
    attempt: job.attemptsStarted,
    log: async (line) => void (await job.log(line)),
  });
}
