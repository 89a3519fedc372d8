/** A job as a worker's events pass it. */
export type BullJob = {
  readonly id?: string | undefined;
  readonly token?: string | undefined;
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
};

/** The public methods used of a BullMQ 5 or 6 `Worker`; declared here so that neither version is a dependency. */
export type BullWorker = {
  readonly opts: { name?: string | undefined; readonly autorun?: boolean | undefined };
  readonly concurrency: number;
  isPaused(): boolean;
  /** False once the main loop has ended: no fetch is pending and no job is running. */
  isRunning(): boolean;
  pause(doNotWaitActive?: boolean): Promise<void>;
  resume(): void | Promise<void>;
  close(force?: boolean): Promise<void>;
  on(event: 'active' | 'completed' | 'failed', listener: (job: BullJob | undefined) => void): unknown;
  off(event: 'active' | 'completed' | 'failed', listener: (job: BullJob | undefined) => void): unknown;
};

/** The worker's own connection: BullMQ 6 keeps it in its backend, BullMQ 5 in the worker. */
export async function clientOf(worker: BullWorker): Promise<unknown> {
  const { getBackend, client } = worker as BullWorker & {
    readonly getBackend?: () => { readonly client?: Promise<unknown> };
    readonly client?: Promise<unknown>;
  };
  return await (getBackend === undefined ? client : getBackend.call(worker).client);
}
