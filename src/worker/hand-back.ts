import type { BullJob, BullWorker } from './bullmq-worker.ts';

/** Tracks a worker's running jobs, to return them to the queue when there is no time left to finish them. */
export class HandBack {
  readonly #worker: BullWorker;
  /** Weak references: a job that delays itself emits no event at its end and must not be kept in memory. */
  readonly #running = new Map<string, WeakRef<BullJob>>();

  constructor(worker: BullWorker) {
    this.#worker = worker;
    worker.on('active', this.#onActive);
    worker.on('completed', this.#onEnded);
    worker.on('failed', this.#onEnded);
  }

  stop(): void {
    this.#worker.off('active', this.#onActive);
    this.#worker.off('completed', this.#onEnded);
    this.#worker.off('failed', this.#onEnded);
  }

  /**
   * Returns every running job to its queue, delayed by `delayMs`: this process has ended by then, so no job runs in two
   * places. It counts neither as an attempt nor as a stall. BullMQ checks the lock's token, so a job that has ended or
   * that another worker runs is not touched.
   */
  async handBack(delayMs: number): Promise<void> {
    const jobs = [...this.#running.values()].flatMap((reference) => reference.deref() ?? []);
    await Promise.allSettled(
      jobs.map(async (job) => await job.moveToDelayed(Date.now() + delayMs, job.token)),
    );
  }

  readonly #onActive = (job: BullJob | undefined): void => {
    if (job?.id === undefined) return;
    if (this.#running.size > 2 * this.#worker.concurrency) {
      for (const [id, reference] of this.#running) if (!reference.deref()) this.#running.delete(id);
    }
    this.#running.set(job.id, new WeakRef(job));
  };

  readonly #onEnded = (job: BullJob | undefined): void => {
    if (job?.id !== undefined) this.#running.delete(job.id);
  };
}
