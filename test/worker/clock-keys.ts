import { Redis } from 'ioredis';

import { workerKeys, parseReport, type StoredReport } from '../../src/worker/keys.ts';
import type { HeartbeatTiming } from '../../src/worker/cooperating-process.ts';
import type { ShutdownTiming } from '../../src/worker/shutdown.ts';
import { PATIENCE_MS, until } from '../support/patience.ts';

export const APP = 'my-app';

/** What a test waits for to happen comes soon; what it must not meet, however slow the machine is, comes late. */
export const FAST: HeartbeatTiming & ShutdownTiming = {
  heartbeatMs: 50,
  firstAnswerTimeoutMs: 5000,
  closeTimeoutMs: PATIENCE_MS,
  handBackDelayMs: 500,
};

/** The clock's side of the two keys, by hand. */
export class ClockKeys {
  readonly redis: Redis;
  readonly #keys = workerKeys(APP, 'worker');

  constructor(port: number) {
    this.redis = new Redis({ port });
  }

  /** `forMs` is how long a worker that no longer reads the drain request follows it, `keyMs` how long Redis keeps it. */
  async requestDrain(limit: number, epoch: string, forMs = 60_000, keyMs = 60_000): Promise<void> {
    await this.redis.set(this.#keys.request, JSON.stringify({ epoch, limit, forMs, since: 1 }), 'PX', keyMs);
  }

  async deleteRequest(): Promise<void> {
    await this.redis.del(this.#keys.request);
  }

  async reports(): Promise<readonly StoredReport[]> {
    const values = await this.redis.hvals(this.#keys.reports);
    return values.flatMap((text) => parseReport(text)?.report ?? []);
  }

  /** Waits for so many beats of the only process that reports: by then it has done all that it would do at once. */
  async untilHeartbeats(count: number): Promise<void> {
    const sentAt = async (): Promise<number> => (await this.reports())[0]?.sentAt ?? 0;
    for (let beat = 0; beat < count; beat += 1) {
      const before = await sentAt();
      await until(async () => (await sentAt()) > before);
    }
  }

  /** Waits until no worker waits for a job any more: BullMQ takes the one that comes while it does. */
  async untilNoFetch(): Promise<void> {
    await until(async () => (await this.redis.info('clients')).includes('blocked_clients:0'));
    await this.untilHeartbeats(2);
  }

  /** Waits until the only process that reports says so. */
  async untilReported(wanted: Partial<StoredReport>): Promise<void> {
    await until(async () => {
      const [report, ...others] = await this.reports();
      return (
        report !== undefined &&
        others.length === 0 &&
        Object.entries(wanted).every(([key, value]) => report[key as keyof StoredReport] === value)
      );
    });
  }
}
