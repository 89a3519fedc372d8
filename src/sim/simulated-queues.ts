import type { QueueObservation } from '../core/types.ts';
import { JobLists } from './job-lists.ts';
import { SimulatedLimiter, type LimiterOptions } from './simulated-limiter.ts';
import type { JobTable } from './workload.ts';

/** First backoff after a failed attempt; it doubles with each. BullMQ's exponential backoff with a delay of one second. */
const BACKOFF_MS = 1000;

/** Priority and arrival order in one number. With fewer than 2^31 jobs a double holds priorities up to 2^22 exactly. */
const PRIORITY_STEP = 2 ** 31;

/**
 * BullMQ's queues: which state each job is in, and which job a worker gets. A delayed job that is due stays delayed until
 * a worker asks for a job, because only workers promote. Jobs without a priority go before jobs with one.
 */
export class SimulatedQueues {
  /** Ms from which a job can be taken for its next attempt, by job. */
  private readonly readyAt: Float64Array;
  /** Ms at which the last attempt of a job started, by job; 0 before the first. */
  private readonly triedAt: Float64Array;
  private readonly lists: readonly JobLists[];
  private readonly jobs: JobTable;
  private readonly attemptsFailed: Uint8Array;
  /** 1 for a job in a prioritized list. */
  private readonly ranked: Uint8Array;
  private readonly limiter: SimulatedLimiter | undefined;
  private nextArrival = 0;
  private waitingJobs = 0;

  constructor(jobs: JobTable, limiter?: LimiterOptions) {
    this.jobs = jobs;
    this.limiter = limiter && new SimulatedLimiter(limiter);
    this.lists = jobs.queues.map((name) => new JobLists(name));
    this.readyAt = new Float64Array(jobs.size);
    this.triedAt = new Float64Array(jobs.size);
    this.attemptsFailed = new Uint8Array(jobs.size);
    this.ranked = new Uint8Array(jobs.size);
  }

  /** When the next job of the workload arrives; Infinity when all have. */
  get nextArrivalAt(): number {
    return this.nextArrival < this.jobs.size ? (this.jobs.at[this.nextArrival] ?? Infinity) : Infinity;
  }

  /** Adds the next job of the workload. Returns when a delayed job falls due; undefined for any other. */
  addNext(): number | undefined {
    const job = this.nextArrival;
    this.nextArrival += 1;
    const lists = this.of(job);
    lists.added += 1;
    const at = this.jobs.at[job] ?? 0;
    const delay = this.jobs.delay[job] ?? 0;
    this.readyAt[job] = at + delay;
    if (delay === 0) return this.makeReady(lists, job);
    lists.delayed.push(at + delay, job);
    return at + delay;
  }

  /** Ends an attempt. Returns when the next attempt falls due; undefined when the job is done. */
  finish(job: number, at: number): number | undefined {
    const lists = this.of(job);
    lists.active -= 1;
    const failed = this.attemptsFailed[job] ?? 0;
    if (failed >= (this.jobs.failures[job] ?? 0)) return undefined;
    this.attemptsFailed[job] = failed + 1;
    const due = at + BACKOFF_MS * 2 ** failed;
    this.readyAt[job] = due;
    lists.delayed.push(due, job);
    return due;
  }

  /** Fails a job whose worker was killed twice. */
  discard(job: number): void {
    this.of(job).active -= 1;
  }

  /** Puts a job whose worker was killed at the front of the wait list, as BullMQ's stalled check does. */
  recover(job: number, at: number): void {
    const lists = this.of(job);
    this.readyAt[job] = at;
    lists.active -= 1;
    lists.wait.unshift(job);
    this.waitingJobs += 1;
  }

  /** When a closed rate limiter opens; undefined while it lets jobs through. */
  limiterOpensAt(at: number): number | undefined {
    return this.limiter?.opensAt(at);
  }

  /** The job that a free worker gets; -1 for none. It comes from the queue whose oldest job has waited longest. */
  take(at: number): number {
    if (this.limiterOpensAt(at) !== undefined) return -1;
    let chosen: JobLists | undefined;
    let oldest = Infinity;
    for (const lists of this.lists) {
      this.promote(lists, at);
      const ready = this.oldestIn(lists);
      if (ready < oldest) [chosen, oldest] = [lists, ready];
    }
    if (!chosen) return -1;
    this.limiter?.countStart(at);
    chosen.active += 1;
    this.waitingJobs -= 1;
    const job = chosen.wait.size > 0 ? chosen.wait.shift() : chosen.prioritized.pop();
    this.ranked[job] = 0;
    this.triedAt[job] = at;
    return job;
  }

  /** Jobs that could start now, including delayed jobs that are due. */
  takeable(at: number): number {
    let jobs = this.waitingJobs;
    for (const lists of this.lists) jobs += lists.delayed.countUntil(at);
    return jobs;
  }

  takeableByQueue(at: number): Map<string, number> {
    return new Map(
      this.lists.map(({ name, wait, prioritized, delayed }) => [
        name,
        wait.size + prioritized.size + delayed.countUntil(at),
      ]),
    );
  }

  /** When the job that waits longest became takeable; Infinity when none waits. */
  oldestReadyAt(at: number): number {
    return this.lists.reduce((oldest, lists) => Math.min(oldest, this.oldestReadyIn(lists, at)), Infinity);
  }

  observe(at: number, horizonMs: number, epochMs: number, orphaned: Int32Array): QueueObservation[] {
    return this.lists.map((lists, index) => {
      const oldest = this.reportedOldestIn(lists, at);
      return {
        name: lists.name,
        waiting: lists.wait.size,
        prioritized: lists.prioritized.size,
        due: lists.delayed.countUntil(at),
        dueSoon: lists.delayed.countUntil(at + horizonMs),
        active: lists.active,
        added: lists.added,
        orphaned: orphaned[index] ?? 0,
        oldestReadyAt: oldest === Infinity ? undefined : epochMs + oldest,
        paused: false,
        delayed: lists.delayed.size,
        waitingChildren: 0,
        ...this.limiter?.observe(at, {
          active: lists.active,
          waiting: lists.wait.size + lists.prioritized.size,
        }),
      };
    });
  }

  private oldestReadyIn(lists: JobLists, at: number): number {
    return Math.min(this.oldestIn(lists), lists.delayed.nextAt <= at ? lists.delayed.nextAt : Infinity);
  }

  /**
   * What a reading takes for the time since which the oldest job has been ready: it looks at both ends of the wait list, a
   * job of the prioritized ones and the first due job, and a job that was tried before counts from its last attempt.
   */
  private reportedOldestIn(lists: JobLists, at: number): number {
    const { wait, delayed, prioritizedByAge } = lists;
    this.oldestIn(lists);
    const due = delayed.nextAt <= at ? delayed.nextAt : Infinity;
    return [wait.first, wait.last, prioritizedByAge.nextId].reduce(
      (oldest, job) => (job === -1 ? oldest : Math.min(oldest, this.reportedReadyAt(job))),
      due,
    );
  }

  private reportedReadyAt(job: number): number {
    return Math.max((this.jobs.at[job] ?? 0) + (this.jobs.delay[job] ?? 0), this.triedAt[job] ?? 0);
  }

  /** When the oldest job of a queue became takeable, without due jobs not yet promoted; Infinity when there is none. */
  private oldestIn({ wait, prioritizedByAge: byAge }: JobLists): number {
    while (byAge.nextId !== -1) {
      const job = byAge.nextId;
      if (this.ranked[job] === 1 && this.readyAt[job] === byAge.nextAt) break;
      byAge.pop();
    }
    const first = wait.size > 0 ? (this.readyAt[wait.first] ?? Infinity) : Infinity;
    return Math.min(first, byAge.nextAt);
  }

  private promote(lists: JobLists, at: number): void {
    while (lists.delayed.nextAt <= at) this.makeReady(lists, lists.delayed.pop());
  }

  private makeReady(lists: JobLists, job: number): undefined {
    const priority = this.jobs.priority[job] ?? 0;
    if (priority === 0) lists.wait.push(job);
    else {
      lists.prioritized.push(priority * PRIORITY_STEP + job, job);
      lists.prioritizedByAge.push(this.readyAt[job] ?? 0, job);
      this.ranked[job] = 1;
    }
    this.waitingJobs += 1;
  }

  private of(job: number): JobLists {
    const lists = this.lists[this.jobs.queue[job] ?? 0];
    if (!lists) throw new RangeError(`job ${job} has no queue`);
    return lists;
  }
}
