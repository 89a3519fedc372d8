/** A worker did not do a task in the time that a request has. The task goes on: asking again may find it done. */
export class WorkerTimeout extends Error {
  override readonly name = 'WorkerTimeout';
  readonly code = 'WORKER_TIMEOUT';
  readonly afterMs: number;

  constructor(task: string, afterMs: number) {
    super(`no worker has done ${task} within ${afterMs} ms`);
    this.afterMs = afterMs;
  }
}
