import type { QueueObservation } from '../core/types.ts';

/**
 * A BullMQ rate limiter for all jobs together, by what Redis shows of it. `queue`: its configuration and its counter;
 * `worker`: only its counter; `hand`: only the pause of a queue that a worker closed by calling `rateLimit()`.
 */
export type LimiterOptions = {
  readonly kind: 'queue' | 'worker' | 'hand';
  readonly max: number;
  readonly durationMs: number;
};

/** Jobs of the queue that a reading looks at. */
type QueueCounts = { readonly active: number; readonly waiting: number };

/** Lets `max` jobs start in a window, which begins with the first of them. */
export class SimulatedLimiter {
  private readonly options: LimiterOptions;
  private started = 0;
  private windowEndsAt = 0;

  constructor(options: LimiterOptions) {
    this.options = options;
  }

  /** When a closed limiter opens; undefined while it lets jobs through. */
  opensAt(at: number): number | undefined {
    return this.started >= this.options.max && at < this.windowEndsAt ? this.windowEndsAt : undefined;
  }

  countStart(at: number): void {
    if (at >= this.windowEndsAt) {
      this.started = 0;
      this.windowEndsAt = at + this.options.durationMs;
    }
    this.started += 1;
  }

  /** A reading infers that a limiter of the workers is closed where jobs wait and none runs. */
  observe(at: number, { active, waiting }: QueueCounts): Pick<QueueObservation, 'rateLimitedMs' | 'limiter'> {
    const { kind, max, durationMs } = this.options;
    const leftMs = Math.max(0, this.windowEndsAt - at);
    const begun = leftMs === 0 ? 0 : this.started;
    const idle = begun > 0 && active === 0 && waiting > 0;
    const closed = kind === 'worker' ? idle : begun >= max;
    return {
      ...(closed ? { rateLimitedMs: leftMs } : {}),
      ...(kind === 'queue' ? { limiter: { begun, leftMs, max, durationMs } } : {}),
      ...(kind === 'worker' && begun > 0 ? { limiter: { begun, leftMs } } : {}),
    };
  }
}
