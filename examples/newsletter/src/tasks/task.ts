import type { Redis } from 'ioredis';
import type { GenericSchema } from 'valibot';

import type { Mailer } from '../mail/mailer.ts';
import type { QueueName } from '../queues/names.ts';
import type { Tasks } from '../queues/tasks.ts';
import type { Store } from '../store/store.ts';

/** What a task may use. */
export type Tools = {
  readonly store: Store;
  readonly mailer: Mailer;
  readonly redis: Redis;
  readonly tasks: Tasks;
};

export type Run = {
  /** 1 at the first, 2 at the first repetition, a crash of the worker included. */
  readonly attempt: number;
  /** Kept with the task, for people to read. */
  log(line: string): Promise<void>;
};

/** One type of task: a named job with validated JSON arguments. It may run more than once, so it must bear that. */
export type Task<Name extends string = string, Args = unknown, Result = unknown> = {
  readonly name: Name;
  readonly queue: QueueName;
  readonly args: GenericSchema<unknown, Args>;
  /** How often it is begun at most; the wait before the next time starts at `backoffMs` and doubles. */
  readonly attempts: number;
  readonly backoffMs: number;
  /** Finished ones that are kept at most, as a log. */
  readonly kept: number;
  /** What it returns is kept as JSON. */
  run(args: Args, tools: Tools, run: Run): Promise<Result>;
};

/** Only infers the types. */
export function task<const Name extends string, Args, Result>(
  definition: Task<Name, Args, Result>,
): Task<Name, Args, Result> {
  return definition;
}
