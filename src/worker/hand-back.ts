import type { BullJob, BullWorker } from './bullmq-worker.ts';

/** Watches what a worker is running, so that it can be handed back when there is no time left to finish it. */
export class HandBack {
  readonly #worker: BullWorker;
  /** Weakly held: a job that delays itself says nothing when it is over, and must not be kept for ever. */
  readonly #running = new Map<string, WeakRef<BullJob>>();

  constructor(worker: BullWorker) {
    this.#worker = worker;
    worker.on('active', this.#begun);
    worker.on('completed', this.#ended);
    worker.on('failed', this.#ended);
  }

  stop(): void {
    this.#worker.off('active', this.#begun);
    this.#worker.off('completed', this.#ended);
    this.#worker.off('failed', this.#ended);
  }

  /**
   * Puts every running job back, to be taken again after `delayMs`: by then this process is gone, so that no job ever
   * runs in two places. It counts as no attempt and as no stall. The lock's token guards it: a job that has ended, or
   * that another worker has, is refused by Redis and left alone.
   */
  async handBack(delayMs: number): Promise<void> {
    const jobs = [...this.#running.values()].flatMap((reference) => reference.deref() ?? []);
    await Promise.allSettled(
      jobs.map(async (job) => await job.moveToDelayed(Date.now() + delayMs, job.token)),
    );
  }

  readonly #begun = (job: BullJob | undefined): void => {
    if (job?.id === undefined) return;
    if (this.#running.size > 2 * this.#worker.concurrency) {
      for (const [id, reference] of this.#running) if (!reference.deref()) this.#running.delete(id);
    }
    this.#running.set(job.id, new WeakRef(job));
  };

  readonly #ended = (job: BullJob | undefined): void => {
    if (job?.id !== undefined) this.#running.delete(job.id);
  };
}
