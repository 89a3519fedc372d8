import { MOST_CONCURRENCY } from '../core/drain.ts';
import type { BullWorker } from './bullmq-worker.ts';
import type { ClockChannel } from './clock-channel.ts';
import { drainedUnder, mustDrain } from './drain-rule.ts';
import type { Identity } from './identity.ts';
import type { StoredDrainRequest, StoredReport } from './keys.ts';
import { DrainableWorkers } from './drainable-workers.ts';

export type HeartbeatTiming = {
  /** From one heartbeat to the next. */
  readonly heartbeatMs: number;
  /** Workers take their first job once Drover has answered, but at the latest after this time. */
  readonly firstAnswerTimeoutMs: number;
};

/**
 * A worker process that reports to the clock and follows its drain requests, heartbeat by heartbeat. It fails open: a
 * request that cannot be read again expires after its `forMs`, and the workers take jobs.
 */
export class CooperatingProcess {
  readonly #workers: readonly BullWorker[];
  readonly #identity: Identity;
  readonly #openChannel: () => Promise<ClockChannel>;
  readonly #timing: HeartbeatTiming;
  readonly #drainable: DrainableWorkers;
  #channel: ClockChannel | undefined;
  #request: StoredDrainRequest | undefined;
  #readyAt: number | undefined;
  #nextHeartbeat: NodeJS.Timeout | undefined;
  #resumeTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    workers: readonly BullWorker[],
    identity: Identity,
    openChannel: () => Promise<ClockChannel>,
    timing: HeartbeatTiming,
  ) {
    this.#workers = workers;
    this.#identity = identity;
    this.#openChannel = openChannel;
    this.#timing = timing;
    this.#drainable = new DrainableWorkers(workers);
    for (const { opts } of workers) opts.name ??= identity.name;
    // No job before the first exchange: a worker that boots while it is to drain must not start a job that no reading shows.
    this.#drainable.drain();
    this.#resumeAfter(timing.firstAnswerTimeoutMs);
    this.#heartbeat();
  }

  /** Deletes the report and ends the exchange. `resume`: the workers take jobs as if Drover did not exist. Never throws. */
  async stop(resume: boolean): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#nextHeartbeat);
    clearTimeout(this.#resumeTimer);
    if (resume) this.#drainable.resume();
    // It follows a heartbeat that is still under way, because both use one connection.
    await this.#channel?.removeReport().catch(() => {});
  }

  #heartbeat(): void {
    void this.#exchange().then(() => {
      if (this.#stopped) return;
      this.#nextHeartbeat = setTimeout(() => this.#heartbeat(), this.#timing.heartbeatMs);
      this.#nextHeartbeat.unref();
    });
  }

  async #exchange(): Promise<void> {
    try {
      this.#channel ??= await this.#openChannel();
      if (this.#stopped) return;
      const request = await this.#channel.heartbeat(this.#report());
      if (!this.#stopped) this.#follow(request);
    } catch {
      // Fail open: the last request applies until its time is over.
    }
  }

  #follow(request: StoredDrainRequest | undefined): void {
    clearTimeout(this.#resumeTimer);
    this.#request = request;
    this.#readyAt ??= Date.now();
    if (mustDrain(this.#identity, request)) {
      this.#drainable.drain();
      this.#resumeAfter(request.forMs);
    } else this.#drainable.resume();
  }

  #resumeAfter(ms: number): void {
    this.#resumeTimer = setTimeout(() => {
      this.#request = undefined;
      this.#readyAt ??= Date.now();
      this.#drainable.resume();
    }, ms);
    this.#resumeTimer.unref();
  }

  #report(): StoredReport {
    const slots = this.#workers.reduce((sum, { concurrency }) => sum + concurrency, 0);
    return {
      dyno: this.#identity.name,
      host: this.#identity.host,
      resting: drainedUnder(this.#identity, this.#request, this.#drainable.drained),
      // BullMQ takes any number from 1 on.
      concurrency: Math.min(MOST_CONCURRENCY, Math.floor(slots)),
      bootedAt: Math.round(performance.timeOrigin),
      readyAt: this.#readyAt,
      sentAt: Date.now(),
    };
  }
}
