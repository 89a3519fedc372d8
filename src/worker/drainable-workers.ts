import type { BullWorker } from './bullmq-worker.ts';

/** The workers of one process, all at work or all at rest. What the user paused stays paused. */
export class DrainableWorkers {
  readonly #workers: readonly BullWorker[];
  /** Those that were paused here, and so have to be resumed here. */
  readonly #paused = new Set<BullWorker>();
  readonly #resumed = new Set<BullWorker>();

  constructor(workers: readonly BullWorker[]) {
    this.#workers = workers;
  }

  /** Takes no more jobs; those that run go on. */
  drain(): void {
    for (const worker of this.#workers) {
      if (worker.isPaused() || !isStarted(worker)) continue;
      this.#resumed.delete(worker);
      this.#paused.add(worker);
      // Not waiting: resuming must be possible at any time, and a pause that waits also cuts the blocking connection.
      worker.pause(true).catch(() => {});
    }
  }

  /** Takes jobs again. To be called on every beat: see below. */
  resume(): void {
    for (const worker of this.#resumed) {
      // Resumed in the very moment its main loop ended, BullMQ leaves a worker neither paused nor running.
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
   * True once nothing can run any more: `paused` alone does not say so, as BullMQ does not look at it again between
   * its wait for a job and the fetch. The end of the main loop does, which it counts its pending fetches and jobs for.
   */
  get drained(): boolean {
    return this.#workers.every((worker) => !worker.isRunning() && (worker.isPaused() || !isStarted(worker)));
  }
}

/** With `autorun: false` it is for the user to start a worker, and resuming it would. */
function isStarted(worker: BullWorker): boolean {
  return worker.opts.autorun !== false || worker.isRunning();
}

function resume(worker: BullWorker): void {
  Promise.resolve(worker.resume()).catch(() => {});
}
