import type { QueueObservation } from '../core/types.ts';
import { bootMsOf } from './boots.ts';
import { EventKind, EventQueue } from './event-queue.ts';
import { KilledJobs } from './killed-jobs.ts';
import { randomFrom, type Random } from './random.ts';
import { SimulatedQueues } from './simulated-queues.ts';
import type { SimulationOptions } from './simulation-options.ts';
import { emptyTally, type Tally } from './tally.ts';
import { CHECK_MS, GRACE_MS } from './timings.ts';
import { WorkerPool, type SimulatedWorker } from './worker-pool.ts';
import type { JobTable } from './workload.ts';

/**
 * Queues and workers under a virtual clock (ms from the start of the workload). `advance` processes all events up to a
 * moment in order. The caller sets the quantity; nothing here decides it.
 */
export class Simulation {
  at = 0;
  readonly workers: WorkerPool;
  readonly queues: SimulatedQueues;
  /** Ms at which a job first started, by job; NaN while it has not. */
  readonly startedAt: Float64Array;
  readonly tally: Tally = emptyTally();
  private readonly jobs: JobTable;
  private readonly random: Random;
  private readonly events = new EventQueue();
  /** Id of the worker that runs a job; -1 for none. */
  private readonly runner: Int32Array;
  private readonly endsAt: Float64Array;
  private readonly killedJobs: KilledJobs;
  private readonly slowStart: number;
  /** The opening of the rate limiter for which an event is scheduled. */
  private limiterOpensAt = 0;

  constructor(jobs: JobTable, options: SimulationOptions) {
    this.jobs = jobs;
    this.random = randomFrom(options.seed);
    this.slowStart = options.boots.slowStart ?? 1;
    this.queues = new SimulatedQueues(jobs, options.limiter);
    this.startedAt = new Float64Array(jobs.size).fill(Number.NaN);
    this.runner = new Int32Array(jobs.size).fill(-1);
    this.endsAt = new Float64Array(jobs.size);
    this.killedJobs = new KilledJobs(jobs.size, this.random);
    this.workers = new WorkerPool(options.concurrency, {
      scheduleBoot: ({ id }) =>
        this.events.schedule(this.at + bootMsOf(this.random, options.boots), EventKind.workerBoots, id),
      scheduleKill: ({ id }) => this.events.schedule(this.at + GRACE_MS, EventKind.workerIsKilled, id),
      served: options.served,
    });
    this.workers.resize(options.quantity, 0, true);
    this.tally.peak = options.quantity;
  }

  /** No job is left that could still start or finish. */
  get done(): boolean {
    return this.tally.finished + this.tally.lost === this.jobs.size;
  }

  /** Processes all events up to and at `until`. */
  advance(until: number): void {
    for (;;) {
      const eventAt = this.events.nextAt;
      const arrivalAt = this.queues.nextArrivalAt;
      const next = Math.min(eventAt, arrivalAt);
      if (next > until) break;
      this.at = next;
      if (arrivalAt <= eventAt) this.addNextJob();
      else this.events.pop(this.handle);
    }
    this.at = until;
  }

  /** Sets the quantity, as a PATCH of the formation does. */
  resize(quantity: number): void {
    if (quantity === this.workers.quantity) return;
    this.tally.changes += 1;
    this.workers.resize(quantity, this.at);
    this.tally.peak = Math.max(this.tally.peak, this.workers.billedCount);
  }

  /** Sets the drain request: workers numbered above `number` finish what they run and take no more jobs. */
  drainAbove(number: number): void {
    if (this.workers.drainAbove(number)) this.startJobs();
  }

  /** What a tick reads of the queues. `epochMs` is the epoch time of the simulation's start. */
  observe(horizonMs: number, epochMs: number): QueueObservation[] {
    const orphaned = new Int32Array(this.jobs.queues.length);
    for (const job of this.killedJobs.orphaned(this.at)) {
      const queue = this.jobs.queue[job] ?? 0;
      orphaned[queue] = (orphaned[queue] ?? 0) + 1;
    }
    return this.queues.observe(this.at, horizonMs, epochMs, orphaned);
  }

  /** Jobs with a live lock, by worker number. The locks of a killed worker outlive it. */
  holders(): Map<number, number> {
    const holders = new Map<number, number>();
    const add = (number: number, jobs: number): void => {
      holders.set(number, (holders.get(number) ?? 0) + jobs);
    };
    for (const [number, jobs] of this.workers.runningJobs()) add(number, jobs);
    for (const number of this.killedJobs.locked(this.at)) add(number, 1);
    return holders;
  }

  private addNextJob(): void {
    const due = this.queues.addNext();
    if (due === undefined) this.startJobs();
    else this.events.schedule(due, EventKind.jobsBecomeTakeable);
  }

  private readonly handle = (kind: EventKind, id: number): void => {
    switch (kind) {
      case EventKind.attemptEnds:
        this.endAttempt(id);
        return;
      case EventKind.workerBoots:
        this.workers.boot(this.workers.byId(id));
        this.startJobs();
        return;
      case EventKind.workerIsKilled:
        this.kill(this.workers.byId(id));
        return;
      case EventKind.stalledCheck:
        this.checkStalled(id);
        return;
      case EventKind.jobsBecomeTakeable:
        this.startJobs();
        return;
      default:
        kind satisfies never;
    }
  };

  private endAttempt(job: number): void {
    const runner = this.runner[job] ?? -1;
    // The attempt was killed before its planned end.
    if (runner === -1 || this.endsAt[job] !== this.at) return;
    const worker = this.workers.byId(runner);
    this.runner[job] = -1;
    const due = this.queues.finish(job, this.at);
    if (due === undefined) this.tally.finished += 1;
    else this.events.schedule(due, EventKind.jobsBecomeTakeable);
    // BullMQ fetches the next job in the script that finishes the last, before the worker blocks behind the others.
    if (!this.workers.release(worker, job, this.at)) return;
    const next = this.take();
    if (next === -1) this.workers.waitForJob(worker);
    else this.start(worker, next);
  }

  private startJobs(): void {
    for (;;) {
      const worker = this.workers.nextFree();
      if (!worker) return;
      const job = this.take();
      if (job === -1) return;
      this.start(worker, job);
    }
  }

  private take(): number {
    const opensAt = this.queues.limiterOpensAt(this.at);
    if (opensAt !== undefined && opensAt !== this.limiterOpensAt) {
      this.limiterOpensAt = opensAt;
      this.events.schedule(opensAt, EventKind.jobsBecomeTakeable);
    }
    return this.queues.take(this.at);
  }

  private start(worker: SimulatedWorker, job: number): void {
    this.runner[job] = worker.id;
    if (Number.isNaN(this.startedAt[job])) this.startedAt[job] = this.at;
    const serviceMs = this.jobs.service[job] ?? 0;
    const endsAt = this.at + (this.workers.isWarm(worker) ? serviceMs : serviceMs * this.slowStart);
    this.endsAt[job] = endsAt;
    this.events.schedule(endsAt, EventKind.attemptEnds, job);
    this.workers.assign(worker, job);
  }

  private kill(worker: SimulatedWorker): void {
    for (const job of this.workers.kill(worker, this.at)) {
      this.runner[job] = -1;
      this.tally.kills += 1;
      this.events.schedule(this.killedJobs.add(job, worker.number, this.at), EventKind.stalledCheck, job);
    }
  }

  private checkStalled(job: number): void {
    if (this.workers.upCount === 0) {
      this.events.schedule(this.at + CHECK_MS, EventKind.stalledCheck, job);
      return;
    }
    if (this.killedJobs.recover(job)) {
      this.tally.lost += 1;
      this.queues.discard(job);
      return;
    }
    this.tally.redone += 1;
    this.queues.recover(job, this.at);
    this.startJobs();
  }
}
