import type { ChildProcess } from 'node:child_process';

import { Redis } from 'ioredis';

import type { Run } from './record.ts';

/**
 * Frees the locks of dead worker processes after `lockMs`, as BullMQ's would lapse. They themselves last long, so that none
 * lapses because the machine stands still.
 */
export class LockRelease {
  readonly #redis: Redis;
  readonly #lockMs: number;
  #closed = false;

  constructor(redisUrl: string, lockMs: number) {
    this.#redis = new Redis(redisUrl);
    this.#lockMs = lockMs;
  }

  /** `runs` by the ids of their jobs, in the queue of the process. */
  follow(child: ChildProcess, queue: string, runs: ReadonlyMap<string, Run>): void {
    child.once('exit', () => {
      setTimeout(() => void this.#free(queue, runs), this.#lockMs).unref();
    });
  }

  close(): void {
    this.#closed = true;
    this.#redis.disconnect();
  }

  async #free(queue: string, runs: ReadonlyMap<string, Run>): Promise<void> {
    // A job that was completed has no lock, and one that was handed back may have another worker's.
    const locked = [...runs].filter(([, { handedBackAt }]) => handedBackAt === undefined);
    if (this.#closed || locked.length === 0) return;
    await this.#redis.del(locked.map(([id]) => `bull:${queue}:${id}:lock`)).catch((thrown: unknown) => {
      if (!this.#closed) throw thrown;
    });
  }
}
