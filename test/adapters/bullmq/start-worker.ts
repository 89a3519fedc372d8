import { Worker, type Job, type WorkerOptions } from 'bullmq';
import { onTestFinished } from 'vitest';

/**
 * Starts a worker that is closed when the test has finished, also if it failed. A job that is to be held meanwhile waits for
 * `finished`.
 */
export function startWorker(
  queue: string,
  run: (job: Job, finished: Promise<void>) => Promise<unknown>,
  options: WorkerOptions,
): void {
  let release = (): void => {};
  const finished = new Promise<void>((resolve) => {
    release = resolve;
  });
  const worker = new Worker(queue, async (job) => await run(job, finished), options);
  onTestFinished(async () => {
    release();
    await worker.close();
  });
}
