import type { ChildProcess } from 'node:child_process';

/** What a worker process sends as it happens. `at` is epoch ms, like all times here. */
export type JobMessage = {
  readonly event: 'begun' | 'ended' | 'handed back';
  readonly job: string;
  readonly at: number;
};

export type WorkerProcess = {
  readonly type: string;
  /** Of its dyno or pod. */
  readonly name: string;
  readonly pid: number;
  readonly startedAt: number;
  exitedAt?: number;
};

/** One execution of a job. */
export type Run = {
  /** Its process type and id. */
  readonly job: string;
  readonly process: WorkerProcess;
  readonly begunAt: number;
  /** The processor returned or threw. */
  endedAt?: number;
  /** Redis has confirmed that another worker may take it. */
  handedBackAt?: number;
};

/** Every worker process and every execution of a job, by the workers' own messages. */
export class JobRecord {
  readonly runs: Run[] = [];
  readonly processes: WorkerProcess[] = [];

  /** Returns the last execution of each job in the process, as they come. */
  follow(
    child: ChildProcess,
    { type, name }: Pick<WorkerProcess, 'type' | 'name'>,
  ): ReadonlyMap<string, Run> {
    const process: WorkerProcess = { type, name, pid: child.pid ?? 0, startedAt: Date.now() };
    this.processes.push(process);
    const current = new Map<string, Run>();
    child.on('message', (message) => {
      const { event, job, at } = message as JobMessage;
      const run = current.get(job);
      if (event === 'begun') {
        const begun = { job: `${type}:${job}`, process, begunAt: at };
        current.set(job, begun);
        this.runs.push(begun);
      } else if (run !== undefined) {
        if (event === 'ended') run.endedAt = at;
        else run.handedBackAt = at;
      }
    });
    child.once('exit', () => {
      process.exitedAt = Date.now();
    });
    return current;
  }
}
