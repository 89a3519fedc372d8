import { Redis } from 'ioredis';

import { crewKeys, parseReport, type Report } from '../../src/worker/keys.ts';
import type { MemberTiming } from '../../src/worker/member.ts';
import type { ShutdownTiming } from '../../src/worker/shutdown.ts';
import { until } from '../support/patience.ts';

export const APP = 'my-app';

/** Beats and patience in proportion to a platform whose grace time is 2 s. */
export const FAST: MemberTiming & ShutdownTiming = {
  beatMs: 50,
  gateMs: 500,
  patienceMs: 1500,
  handBackDelayMs: 500,
};

/** The clock's side of the two keys, by hand. */
export class Hub {
  readonly redis: Redis;
  readonly #keys = crewKeys(APP, 'worker');

  constructor(port: number) {
    this.redis = new Redis({ port });
  }

  async ask(limit: number, epoch: string, forMs = 60_000): Promise<void> {
    await this.redis.set(this.#keys.order, JSON.stringify({ epoch, limit, forMs, since: 1 }), 'PX', forMs);
  }

  async release(): Promise<void> {
    await this.redis.del(this.#keys.order);
  }

  async reports(): Promise<readonly Report[]> {
    const values = await this.redis.hvals(this.#keys.reports);
    return values.flatMap((text) => parseReport(text)?.report ?? []);
  }

  /** Waits until the only process that reports says so. */
  async hears(wanted: Partial<Report>): Promise<void> {
    await until(async () => {
      const [report, ...others] = await this.reports();
      return (
        report !== undefined &&
        others.length === 0 &&
        Object.entries(wanted).every(([key, value]) => report[key as keyof Report] === value)
      );
    });
  }
}
