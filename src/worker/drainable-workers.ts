import type { BullWorker } from './bullmq-worker.ts';

/** The workers of one process, drained and resumed together. A worker that the user paused stays paused. */
export class DrainableWorkers {
  readonly #workers: readonly BullWorker[];
  /** Workers paused by `drain`, which `resume` has to resume. */
  readonly #paused = new Set<BullWorker>();
  readonly #resumed = new Set<BullWorker>();

  constructor(workers: readonly BullWorker[]) {
    this.#workers = workers;
  }

  /** The workers take no more jobs and finish the running ones. */
  drain(): void {
    for (const worker of this.#workers) {
      if (worker.isPaused() || !isStarted(worker)) continue;
      this.#resumed.delete(worker);
      this.#paused.add(worker);
      // `true`: does not wait for running jobs. A waiting pause could not be undone and closes the blocking connection.
      worker.pause(true).catch(() => {});
    }
  }

  /** The workers take jobs again. Must be called on every heartbeat, because the first call may come to nothing. */
  resume(): void {
    for (const worker of this.#resumed) {
      // If the main loop ends at the moment of a resume, BullMQ leaves the worker neither paused nor running.
      if (!worker.isPaused() && !worker.isRunning()) resume(worker);
    }
    this.#resumed.clear();
    for (const worker of this.#paused) {
      resume(worker);
      this.#resumed.add(worker);
    }
    this.#paused.clear();
  }

  /**
   * True once no job runs and none can start. `paused` alone is not enough: BullMQ does not check it between its wait for
   * a job and the fetch. The main loop ends only when no fetch is pending and no job is running.
   */
  get drained(): boolean {
    return this.#workers.every((worker) => !worker.isRunning() && (worker.isPaused() || !isStarted(worker)));
  }
}

/** `resume` would start a worker with `autorun: false`, which only the user may start. */
function isStarted(worker: BullWorker): boolean {
  return worker.opts.autorun !== false || worker.isRunning();
}

function resume(worker: BullWorker): void {
  Promise.resolve(worker.resume()).catch(() => {});
}
