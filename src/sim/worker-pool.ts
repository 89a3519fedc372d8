import type { Served } from './simulation-options.ts';

/** Booting: billed, takes no jobs. Stopping: has received SIGTERM, finishes what it runs and takes no more jobs. */
type WorkerState = 'booting' | 'up' | 'stopping' | 'gone';

/** One worker from its request to its end. Numbers are reused; ids are not. */
export type SimulatedWorker = {
  readonly id: number;
  /** 3 for `worker.3`. */
  readonly number: number;
  readonly startedAt: number;
  state: WorkerState;
  /** A drain request tells it to take no more jobs. */
  drained: boolean;
  /** It is in the line of workers that block on the queue for a job. */
  blocking: boolean;
  /** Jobs it runs. */
  readonly jobs: number[];
  /** Jobs it may still take before it is warm. */
  coldStarts: number;
};

/** Later events that the pool asks its caller to schedule, and which of several free workers it serves. */
export type WorkerPoolOptions = {
  readonly served: Served | undefined;
  scheduleBoot(worker: SimulatedWorker): void;
  scheduleKill(worker: SimulatedWorker): void;
};

/**
 * The workers of one process type, as Heroku's Cedar runs them: numbers without gaps, the highest stopped first, SIGTERM,
 * then SIGKILL for what still runs. A worker is billed from its request to its end, boot and drain included.
 */
export class WorkerPool {
  private readonly concurrency: number;
  private readonly options: WorkerPoolOptions;
  private readonly byIds: SimulatedWorker[] = [];
  /** Workers that count in the quantity, by number. */
  private readonly counted: SimulatedWorker[] = [];
  private readonly stopping = new Set<SimulatedWorker>();
  /** Workers with a free slot in the order they began to block: Redis serves the longest-blocked first. */
  private blocked: SimulatedWorker[] = [];
  private blockedHead = 0;
  private endedMs = 0;
  private up = 0;

  constructor(concurrency: number, options: WorkerPoolOptions) {
    this.concurrency = concurrency;
    this.options = options;
  }

  get quantity(): number {
    return this.counted.length;
  }

  /** Workers that are up, drained ones included. */
  get upCount(): number {
    return this.up;
  }

  /** All workers that are billed at this moment. */
  get billedCount(): number {
    return this.counted.length + this.stopping.size;
  }

  byId(id: number): SimulatedWorker {
    const worker = this.byIds[id];
    if (!worker) throw new RangeError(`there is no worker with id ${id}`);
    return worker;
  }

  /** Sets the quantity. `booted`: new workers are up at once, as those that exist when the workload starts. */
  resize(quantity: number, at: number, booted = false): void {
    while (this.counted.length > quantity) {
      const worker = this.counted.pop();
      if (worker) this.stop(worker, at);
    }
    while (this.counted.length < quantity) {
      const worker: SimulatedWorker = {
        id: this.byIds.length,
        number: this.counted.length + 1,
        startedAt: at,
        state: 'booting',
        drained: false,
        blocking: false,
        jobs: [],
        coldStarts: booted ? 0 : this.concurrency,
      };
      this.byIds.push(worker);
      this.counted.push(worker);
      if (booted) this.boot(worker);
      else this.options.scheduleBoot(worker);
    }
  }

  boot(worker: SimulatedWorker): void {
    if (worker.state !== 'booting') return;
    worker.state = 'up';
    this.up += 1;
    this.waitForJob(worker);
  }

  /** Drains workers numbered above `number` and resumes the others. Returns whether a drained worker resumed. */
  drainAbove(number: number): boolean {
    let resumed = false;
    for (const worker of this.counted) {
      const drained = worker.number > number;
      if (worker.drained && !drained) resumed = true;
      worker.drained = drained;
      if (!drained) this.waitForJob(worker);
    }
    return resumed;
  }

  /** The worker that gets the next job; undefined when none has a free slot. */
  nextFree(): SimulatedWorker | undefined {
    if (this.options.served === 'lowestNumber') return this.counted.find((worker) => this.isFree(worker));
    for (;;) {
      const worker = this.blocked[this.blockedHead];
      if (!worker) return undefined;
      if (this.isFree(worker)) return worker;
      this.removeFirstBlocked(worker);
    }
  }

  /** A worker takes one job at a time, and then blocks again behind all others. */
  assign(worker: SimulatedWorker, job: number): void {
    worker.jobs.push(job);
    if (worker.coldStarts > 0) worker.coldStarts -= 1;
    if (worker.blocking && this.blocked[this.blockedHead] === worker) this.removeFirstBlocked(worker);
    this.waitForJob(worker);
  }

  /** Removes a finished job from its worker. Returns whether the worker can take another. */
  release(worker: SimulatedWorker, job: number, at: number): boolean {
    const index = worker.jobs.indexOf(job);
    worker.jobs[index] = worker.jobs.at(-1) ?? job;
    worker.jobs.pop();
    if (worker.state === 'stopping' && worker.jobs.length === 0) this.end(worker, at);
    return this.isFree(worker);
  }

  /** Its next job is not the first one in a slot. */
  isWarm({ coldStarts }: SimulatedWorker): boolean {
    return coldStarts === 0;
  }

  waitForJob(worker: SimulatedWorker): void {
    if (worker.blocking || !this.isFree(worker)) return;
    worker.blocking = true;
    this.blocked.push(worker);
  }

  /** SIGKILL. Returns the jobs that die with the worker. */
  kill(worker: SimulatedWorker, at: number): readonly number[] {
    if (worker.state !== 'stopping') return [];
    const killed = worker.jobs.splice(0);
    this.end(worker, at);
    return killed;
  }

  /** Running jobs by worker number. A stopping worker and its successor may both appear under one number. */
  *runningJobs(): Iterable<readonly [number: number, jobs: number]> {
    for (const worker of this.counted) if (worker.jobs.length > 0) yield [worker.number, worker.jobs.length];
    for (const worker of this.stopping) yield [worker.number, worker.jobs.length];
  }

  /** Worker-ms up to `at`. */
  billedMs(at: number): number {
    let sum = this.endedMs;
    for (const worker of this.counted) sum += at - worker.startedAt;
    for (const worker of this.stopping) sum += at - worker.startedAt;
    return sum;
  }

  private isFree(worker: SimulatedWorker): boolean {
    return worker.state === 'up' && !worker.drained && worker.jobs.length < this.concurrency;
  }

  private removeFirstBlocked(worker: SimulatedWorker): void {
    worker.blocking = false;
    this.blockedHead += 1;
    if (this.blockedHead < 1024) return;
    this.blocked = this.blocked.slice(this.blockedHead);
    this.blockedHead = 0;
  }

  private stop(worker: SimulatedWorker, at: number): void {
    if (worker.state === 'up') this.up -= 1;
    worker.state = 'stopping';
    if (worker.jobs.length === 0) {
      this.end(worker, at);
      return;
    }
    this.stopping.add(worker);
    this.options.scheduleKill(worker);
  }

  private end(worker: SimulatedWorker, at: number): void {
    worker.state = 'gone';
    this.stopping.delete(worker);
    this.endedMs += at - worker.startedAt;
  }
}
