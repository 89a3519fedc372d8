import { MOST_CONCURRENCY } from '../core/drain.ts';
import type { BullWorker } from './bullmq-worker.ts';
import type { ClockChannel } from './clock-channel.ts';
import { drainedUnder, mustDrain } from './drain-rule.ts';
import type { Identity } from './identity.ts';
import type { StoredDrainRequest, StoredReport } from './keys.ts';
import { DrainableWorkers } from './drainable-workers.ts';

export type HeartbeatTiming = {
  /** From one beat to the next. */
  readonly heartbeatMs: number;
  /** The longest the first job is held back until Drover has been heard. */
  readonly firstAnswerTimeoutMs: number;
};

/**
 * One worker process among the dynos of its process type: it says how it is and does what the clock asks, beat by
 * beat. Whatever fails, it works: an order that cannot be read again is forgotten when its time is over.
 */
export class CooperatingProcess {
  readonly #workers: readonly BullWorker[];
  readonly #identity: Identity;
  readonly #openLine: () => Promise<ClockChannel>;
  readonly #timing: HeartbeatTiming;
  readonly #resting: DrainableWorkers;
  #line: ClockChannel | undefined;
  #order: StoredDrainRequest | undefined;
  #readyAt: number | undefined;
  #nextBeat: NodeJS.Timeout | undefined;
  #forget: NodeJS.Timeout | undefined;
  #left = false;

  constructor(
    workers: readonly BullWorker[],
    identity: Identity,
    openLine: () => Promise<ClockChannel>,
    timing: HeartbeatTiming,
  ) {
    this.#workers = workers;
    this.#identity = identity;
    this.#openLine = openLine;
    this.#timing = timing;
    this.#resting = new DrainableWorkers(workers);
    for (const { opts } of workers) opts.name ??= identity.dyno;
    // No job before the first word with Drover: a dyno that boots above the limit must not begin one unseen.
    if (identity.ordinal !== undefined) this.#resting.drain();
    this.#forgetAfter(timing.firstAnswerTimeoutMs);
    this.#beat();
  }

  /** Says nothing more; `resume`: works on as if Drover were not there. Never throws. */
  async stop(resume: boolean): Promise<void> {
    this.#left = true;
    clearTimeout(this.#nextBeat);
    clearTimeout(this.#forget);
    if (resume) this.#resting.resume();
    // On the same connection as a beat that is still under way, so it comes after that.
    await this.#line?.removeReport().catch(() => {});
  }

  #beat(): void {
    void this.#exchange().then(() => {
      if (this.#left) return;
      this.#nextBeat = setTimeout(() => this.#beat(), this.#timing.heartbeatMs);
      this.#nextBeat.unref();
    });
  }

  async #exchange(): Promise<void> {
    try {
      this.#line ??= await this.#openLine();
      if (this.#left) return;
      const order = await this.#line.heartbeat(this.#report());
      if (!this.#left) this.#obey(order);
    } catch {
      // Fail open: what was asked last holds until its time is over, and nothing new is asked.
    }
  }

  #obey(order: StoredDrainRequest | undefined): void {
    clearTimeout(this.#forget);
    this.#order = order;
    this.#readyAt ??= Date.now();
    if (mustDrain(this.#identity.ordinal, order)) {
      this.#resting.drain();
      this.#forgetAfter(order.forMs);
    } else this.#resting.resume();
  }

  #forgetAfter(ms: number): void {
    this.#forget = setTimeout(() => {
      this.#order = undefined;
      this.#readyAt ??= Date.now();
      this.#resting.resume();
    }, ms);
    this.#forget.unref();
  }

  #report(): StoredReport {
    const slots = this.#workers.reduce((sum, { concurrency }) => sum + concurrency, 0);
    return {
      dyno: this.#identity.dyno,
      host: this.#identity.host,
      resting: drainedUnder(this.#identity.ordinal, this.#order, this.#resting.drained),
      // BullMQ takes any number from 1 on.
      concurrency: Math.min(MOST_CONCURRENCY, Math.floor(slots)),
      bootedAt: Math.round(performance.timeOrigin),
      readyAt: this.#readyAt,
      sentAt: Date.now(),
    };
  }
}
