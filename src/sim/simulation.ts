import type { QueueObservation } from '../core/types.ts';
import { WorkerPool, type SimulatedWorker } from './worker-pool.ts';
import { Orphans } from './killed-jobs.ts';
import { SimulatedQueues, type LimiterOptions } from './simulated-queues.ts';
import { lognormal, randomFrom, type Random } from './random.ts';
import { CHECK_MS, DEATHS_ALLOWED, GRACE_MS, LOCK_OUTLIVES_MS, RERUN_MS } from './timings.ts';
import { TimeHeap } from './time-heap.ts';
import type { JobTable } from './workload.ts';

/** How the platform behaves. */
export type SimulationOptions = {
  readonly concurrency: number;
  /** From the PATCH to a dyno that takes jobs: the mean, and the coefficient of variation (0: always the mean). */
  readonly bootMs: number;
  readonly bootSpread: number;
  /** Dynos that are up at the first moment. */
  readonly quantity: number;
  readonly seed: number;
  /** Absent: jobs begin as fast as there are slots. */
  readonly limiter?: LimiterOptions | undefined;
};

const FINISH = 0;
const BOOT = 1;
const KILL = 2;
const STALL = 3;
const DUE = 4;
const KINDS = 8;

/** What the workload cost its jobs and the fleet, so far. */
export type Tally = {
  finished: number;
  /** Attempts that died with their dyno. */
  kills: number;
  /** Attempts that had to be made again for it. */
  redone: number;
  /** Jobs failed for good because they died twice. */
  lost: number;
  changes: number;
  peak: number;
};

/**
 * Queues and dynos under a virtual clock (ms from the workload's begin): `advance` plays all that happens up to a moment,
 * one event after the other. Nothing in it knows who resizes the fleet, or why.
 */
export class Simulation {
  at = 0;
  readonly workers: WorkerPool;
  readonly queues: SimulatedQueues;
  /** Ms at which a job first started, by job; NaN while it has not. */
  readonly startedAt: Float64Array;
  readonly tally: Tally = { finished: 0, kills: 0, redone: 0, lost: 0, changes: 0, peak: 0 };
  private readonly jobs: JobTable;
  private readonly random: Random;
  private readonly events = new TimeHeap(1024);
  private readonly dynos: SimulatedWorker[] = [];
  /** Index into `dynos` of who runs a job; -1 for nobody. */
  private readonly runner: Int32Array;
  private readonly endsAt: Float64Array;
  private readonly deaths: Uint8Array;
  private readonly orphans = new Orphans();
  private nextArrival = 0;
  /** When those who found the limiter closed ask again. */
  private askedAgainAt = 0;

  constructor(jobs: JobTable, options: SimulationOptions) {
    this.jobs = jobs;
    this.random = randomFrom(options.seed);
    this.queues = new SimulatedQueues(jobs, options.limiter);
    this.startedAt = new Float64Array(jobs.size).fill(Number.NaN);
    this.runner = new Int32Array(jobs.size).fill(-1);
    this.endsAt = new Float64Array(jobs.size);
    this.deaths = new Uint8Array(jobs.size);
    this.workers = new WorkerPool(options.concurrency, {
      scheduleBoot: (dyno) => {
        this.dynos[dyno.id] = dyno;
        const boot =
          options.bootSpread === 0
            ? options.bootMs
            : lognormal(this.random, options.bootMs, options.bootSpread);
        this.plan(this.at + boot, BOOT, dyno.id);
      },
      scheduleKill: (dyno) => this.plan(this.at + GRACE_MS, KILL, dyno.id),
    });
    this.workers.resize(options.quantity, 0, true);
    this.tally.peak = options.quantity;
  }

  /** No job is left that could still start or finish. */
  get done(): boolean {
    return this.tally.finished + this.tally.lost === this.jobs.size;
  }

  /** Plays everything up to and at `until`. */
  advance(until: number): void {
    for (;;) {
      const eventAt = this.events.nextAt;
      const arrivalAt = this.arrivalAt();
      const next = Math.min(eventAt, arrivalAt);
      if (next > until) break;
      this.at = next;
      if (arrivalAt <= eventAt) this.arrive();
      else this.happen(this.events.pop());
    }
    this.at = until;
  }

  /** What a PATCH of the formation does. */
  resize(quantity: number): void {
    if (quantity === this.workers.quantity) return;
    this.tally.changes += 1;
    this.workers.resize(quantity, this.at);
    this.tally.peak = Math.max(this.tally.peak, this.workers.billedCount);
  }

  /** What the worker helpers read: dynos above this number finish what they run, and take nothing more. */
  drainAbove(number: number): void {
    if (this.workers.drainAbove(number)) this.dispatch();
  }

  observe(horizonMs: number, epochMs: number): QueueObservation[] {
    const orphaned = new Int32Array(this.jobs.queues.length);
    for (const job of this.orphans.unlocked(this.at)) {
      const queue = this.jobs.queue[job] ?? 0;
      orphaned[queue] = (orphaned[queue] ?? 0) + 1;
    }
    return this.queues.observe(this.at, horizonMs, epochMs, orphaned);
  }

  /** Jobs with a live lock by dyno number. A killed worker's locks live on for a while. */
  holders(): Map<number, number> {
    const holders = new Map<number, number>();
    const add = (number: number, jobs: number): void => {
      holders.set(number, (holders.get(number) ?? 0) + jobs);
    };
    for (const [number, jobs] of this.workers.runningJobs()) add(number, jobs);
    for (const number of this.orphans.locked(this.at)) add(number, 1);
    return holders;
  }

  private arrivalAt(): number {
    return this.nextArrival < this.jobs.size ? (this.jobs.at[this.nextArrival] ?? Infinity) : Infinity;
  }

  private arrive(): void {
    const job = this.nextArrival;
    this.nextArrival += 1;
    const due = this.queues.add(job);
    if (due === undefined) this.dispatch();
    else this.plan(due, DUE, 0);
  }

  private happen(event: number): void {
    const id = Math.floor(event / KINDS);
    switch (event % KINDS) {
      case FINISH:
        this.finish(id);
        break;
      case BOOT:
        this.workers.boot(this.dyno(id));
        this.dispatch();
        break;
      case KILL:
        this.kill(this.dyno(id));
        break;
      case STALL:
        this.rerun(id);
        break;
      default:
        this.dispatch();
    }
  }

  /** A killed job's planned end still comes by; it is not the job's any more. */
  private finish(job: number): void {
    const runner = this.runner[job] ?? -1;
    if (runner === -1 || this.endsAt[job] !== this.at) return;
    const dyno = this.dyno(runner);
    this.runner[job] = -1;
    const due = this.queues.finish(job, this.at);
    if (due === undefined) this.tally.finished += 1;
    else this.plan(due, DUE, 0);
    // A worker fetches its next job with the report of the last, before it would block behind the others.
    if (!this.workers.release(dyno, job, this.at)) return;
    const next = this.take();
    if (next === -1) this.workers.waitForJob(dyno);
    else this.start(dyno, next);
  }

  private dispatch(): void {
    for (;;) {
      const dyno = this.workers.nextFree();
      if (!dyno) return;
      const job = this.take();
      if (job === -1) return;
      this.start(dyno, job);
    }
  }

  private take(): number {
    const opensAt = this.queues.opensAt(this.at);
    if (opensAt !== undefined && opensAt !== this.askedAgainAt) {
      this.askedAgainAt = opensAt;
      this.plan(opensAt, DUE, 0);
    }
    return this.queues.take(this.at);
  }

  private start(dyno: SimulatedWorker, job: number): void {
    this.dynos[dyno.id] = dyno;
    this.workers.assign(dyno, job);
    this.runner[job] = dyno.id;
    if (Number.isNaN(this.startedAt[job])) this.startedAt[job] = this.at;
    const endsAt = this.at + (this.jobs.service[job] ?? 0);
    this.endsAt[job] = endsAt;
    this.plan(endsAt, FINISH, job);
  }

  private kill(dyno: SimulatedWorker): void {
    for (const job of this.workers.kill(dyno, this.at)) {
      this.runner[job] = -1;
      this.tally.kills += 1;
      this.orphans.add(job, dyno.number, this.at + this.between(LOCK_OUTLIVES_MS));
      this.plan(this.at + this.between(RERUN_MS), STALL, job);
    }
  }

  private rerun(job: number): void {
    if (this.workers.up === 0) {
      this.plan(this.at + CHECK_MS, STALL, job);
      return;
    }
    this.orphans.recovered(job);
    const deaths = (this.deaths[job] ?? 0) + 1;
    this.deaths[job] = deaths;
    if (deaths > DEATHS_ALLOWED) {
      this.tally.lost += 1;
      this.queues.discard(job);
      return;
    }
    this.tally.redone += 1;
    this.queues.recover(job, this.at);
    this.dispatch();
  }

  private between([low, high]: readonly [number, number]): number {
    return low + (high - low) * this.random();
  }

  private plan(at: number, kind: number, id: number): void {
    this.events.push(at, id * KINDS + kind);
  }

  private dyno(id: number): SimulatedWorker {
    const dyno = this.dynos[id];
    if (!dyno) throw new RangeError(`there was never a dyno ${id}`);
    return dyno;
  }
}
