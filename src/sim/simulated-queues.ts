import type { QueueObservation } from '../core/types.ts';
import { IntQueue } from './int-queue.ts';
import { TimeHeap } from './time-heap.ts';
import type { JobTable } from './workload.ts';

/** First backoff after a failed attempt; it doubles with each. BullMQ's exponential backoff with a delay of one second. */
const BACKOFF_MS = 1000;

/** A priority and an order of arrival in one number: fewer than 2^31 jobs, so doubles hold it exactly up to 2^22. */
const PRIORITY_STEP = 2 ** 31;

/**
 * A rate limiter for all jobs together. `queue`: its numbers are in Redis; `worker`: only its counter is; `hand`: a worker
 * closes the queue when it was refused elsewhere, and only that shows.
 */
export type LimiterOptions = {
  readonly kind: 'queue' | 'worker' | 'hand';
  readonly max: number;
  readonly durationMs: number;
};

/** One queue as BullMQ keeps it: lists of job ids. */
class JobLists {
  readonly name: string;
  readonly wait = new IntQueue();
  readonly prioritized = new TimeHeap();
  /** The same jobs by age; what was taken meanwhile is dropped when it comes to the top. */
  readonly prioritizedByAge = new TimeHeap();
  readonly delayed = new TimeHeap();
  active = 0;
  added = 0;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * BullMQ's side of the world: where each job is, and which one a worker that asks gets. A delayed job that is due stays
 * where it is until a worker asks, as only workers promote; jobs without a priority go before those with one.
 */
export class SimulatedQueues {
  /** Ms since when a job can be taken for its next attempt, by job. */
  private readonly readyAt: Float64Array;
  private readonly lists: readonly JobLists[];
  private readonly jobs: JobTable;
  private readonly attemptsFailed: Uint8Array;
  /** 1 for a job in a prioritized list. */
  private readonly ranked: Uint8Array;
  private readonly limiter: LimiterOptions | undefined;
  /** The limiter's window: jobs that began in it, and when it is over. */
  private begun = 0;
  private windowEndsAt = 0;
  private waitingJobs = 0;

  constructor(jobs: JobTable, limiter?: LimiterOptions) {
    this.jobs = jobs;
    this.limiter = limiter;
    this.lists = jobs.queues.map((name) => new JobLists(name));
    this.readyAt = new Float64Array(jobs.size);
    this.attemptsFailed = new Uint8Array(jobs.size);
    this.ranked = new Uint8Array(jobs.size);
  }

  /** Adds a job. Returns when it falls due where it is delayed, else undefined. */
  add(job: number): number | undefined {
    const lists = this.of(job);
    lists.added += 1;
    const at = this.jobs.at[job] ?? 0;
    const delay = this.jobs.delay[job] ?? 0;
    this.readyAt[job] = at + delay;
    if (delay === 0) return this.makeReady(lists, job);
    lists.delayed.push(at + delay, job);
    return at + delay;
  }

  /** Ends an attempt. Returns when the next falls due where this one failed, else undefined: the job is done. */
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

  /** Gives up a job whose worker died twice. */
  discard(job: number): void {
    this.of(job).active -= 1;
  }

  /** Puts a job whose worker died before all others: where BullMQ's stalled check puts it. */
  recover(job: number, at: number): void {
    const lists = this.of(job);
    this.readyAt[job] = at;
    lists.active -= 1;
    lists.wait.unshift(job);
    this.waitingJobs += 1;
  }

  /** When a closed limiter opens; undefined while it lets jobs through. */
  opensAt(at: number): number | undefined {
    const closed = this.limiter !== undefined && this.begun >= this.limiter.max && at < this.windowEndsAt;
    return closed ? this.windowEndsAt : undefined;
  }

  /** The job that a free worker gets; -1 for none. Of several queues from that which is furthest behind. */
  take(at: number): number {
    if (this.opensAt(at) !== undefined) return -1;
    let chosen: JobLists | undefined;
    let oldest = Infinity;
    for (const lists of this.lists) {
      this.promote(lists, at);
      const ready = this.oldestIn(lists);
      if (ready < oldest) [chosen, oldest] = [lists, ready];
    }
    if (!chosen) return -1;
    this.begin(at);
    chosen.active += 1;
    this.waitingJobs -= 1;
    if (chosen.wait.size > 0) return chosen.wait.shift();
    const job = chosen.prioritized.pop();
    this.ranked[job] = 0;
    return job;
  }

  /** Jobs that could start now, those due included. */
  takeable(at: number): number {
    let jobs = this.waitingJobs;
    for (const lists of this.lists) jobs += lists.delayed.countUntil(at);
    return jobs;
  }

  /** Since when the job that waits longest could have been taken; Infinity when none waits. */
  oldestReadyAt(at: number): number {
    return this.lists.reduce((oldest, lists) => Math.min(oldest, this.oldestReadyIn(lists, at)), Infinity);
  }

  observe(at: number, horizonMs: number, epochMs: number, orphaned: Int32Array): QueueObservation[] {
    return this.lists.map((lists, index) => {
      const oldest = this.oldestReadyIn(lists, at);
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
        ...this.limiterSeen(at, lists),
      };
    });
  }

  private begin(at: number): void {
    if (this.limiter === undefined) return;
    if (at >= this.windowEndsAt) {
      this.begun = 0;
      this.windowEndsAt = at + this.limiter.durationMs;
    }
    this.begun += 1;
  }

  /** What a reading shows of the limiter. One of the workers is taken for closed where jobs wait and none runs. */
  private limiterSeen(at: number, lists: JobLists): Pick<QueueObservation, 'rateLimitedMs' | 'limiter'> {
    if (this.limiter === undefined) return {};
    const { kind, max, durationMs } = this.limiter;
    const leftMs = Math.max(0, this.windowEndsAt - at);
    const begun = leftMs === 0 ? 0 : this.begun;
    const reached = begun >= max;
    const idle = begun > 0 && lists.active === 0 && lists.wait.size + lists.prioritized.size > 0;
    const closed = kind === 'worker' ? idle : reached;
    return {
      ...(closed ? { rateLimitedMs: leftMs } : {}),
      ...(kind === 'queue' ? { limiter: { begun, leftMs, max, durationMs } } : {}),
      ...(kind === 'worker' && begun > 0 ? { limiter: { begun, leftMs } } : {}),
    };
  }

  private oldestReadyIn(lists: JobLists, at: number): number {
    return Math.min(this.oldestIn(lists), lists.delayed.nextAt <= at ? lists.delayed.nextAt : Infinity);
  }

  /** Since when the oldest job of a queue waits, those due but not promoted left out; Infinity when none does. */
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
    if (!lists) throw new RangeError(`job ${job} is in no queue`);
    return lists;
  }
}
