/** Booting: paid for, takes nothing. Stopping: got SIGTERM, finishes what it runs and takes nothing more. */
type DynoState = 'booting' | 'up' | 'stopping' | 'gone';

/** One dyno from its request to its end. A number is used again; a dyno is not. */
export type SimulatedWorker = {
  readonly id: number;
  /** 3 for `worker.3`. */
  readonly number: number;
  readonly startedAt: number;
  state: DynoState;
  /** Asked by the worker helper to take nothing more for now. */
  drained: boolean;
  /** In the line of those that block on the queue for a job. */
  blocking: boolean;
  /** Jobs it runs. */
  readonly jobs: number[];
};

/** When things happen that a fleet only starts. */
export type WorkerTimers = { scheduleBoot(dyno: SimulatedWorker): void; scheduleKill(dyno: SimulatedWorker): void };

/**
 * Heroku's side of the world, as Cedar does it: numbers without gaps, the highest stopped first, SIGTERM, then SIGKILL
 * for what still runs. Every dyno is paid for from its request to its last moment, boot and drain included.
 */
export class WorkerPool {
  private readonly concurrency: number;
  private readonly timers: WorkerTimers;
  /** Those the formation counts, by number. */
  private readonly counted: SimulatedWorker[] = [];
  private readonly stopping = new Set<SimulatedWorker>();
  /** Workers with a free slot in the order they began to block: Redis serves the longest-blocked first. */
  private line: SimulatedWorker[] = [];
  private lineHead = 0;
  private paidMs = 0;
  private made = 0;
  private upCount = 0;

  constructor(concurrency: number, timers: WorkerTimers) {
    this.concurrency = concurrency;
    this.timers = timers;
  }

  get quantity(): number {
    return this.counted.length;
  }

  /** Dynos that take jobs, and those the helper has asked not to. */
  get up(): number {
    return this.upCount;
  }

  /** All that are paid for at this moment. */
  get billedCount(): number {
    return this.counted.length + this.stopping.size;
  }

  /** Sets the quantity. `booted`: they are up at once, as a fleet that was there before the first moment. */
  resize(quantity: number, at: number, booted = false): void {
    while (this.counted.length > quantity) {
      const dyno = this.counted.pop();
      if (dyno) this.stop(dyno, at);
    }
    while (this.counted.length < quantity) {
      const id = this.made;
      this.made += 1;
      const number = this.counted.length + 1;
      const dyno: SimulatedWorker = {
        id,
        number,
        startedAt: at,
        state: 'booting',
        drained: false,
        blocking: false,
        jobs: [],
      };
      this.counted.push(dyno);
      if (booted) this.boot(dyno);
      else this.timers.scheduleBoot(dyno);
    }
  }

  boot(dyno: SimulatedWorker): void {
    if (dyno.state !== 'booting') return;
    dyno.state = 'up';
    this.upCount += 1;
    this.waitForJob(dyno);
  }

  /** The worker helper's key: those above `number` take nothing more, the others do again. Says whether any now can. */
  drainAbove(number: number): boolean {
    let resumed = false;
    for (const dyno of this.counted) {
      const drained = dyno.number > number;
      if (dyno.drained && !drained) resumed = true;
      dyno.drained = drained;
      if (!drained) this.waitForJob(dyno);
    }
    return resumed;
  }

  /** The worker that has blocked longest; undefined when none has a free slot. */
  nextFree(): SimulatedWorker | undefined {
    for (;;) {
      const dyno = this.line[this.lineHead];
      if (!dyno) return undefined;
      if (this.free(dyno)) return dyno;
      this.leaveLine(dyno);
    }
  }

  /** A worker takes one job at a time, and then blocks again behind all others. */
  assign(dyno: SimulatedWorker, job: number): void {
    dyno.jobs.push(job);
    if (dyno.blocking && this.line[this.lineHead] === dyno) this.leaveLine(dyno);
    this.waitForJob(dyno);
  }

  /** Takes a finished job off its dyno. True: that worker is the first to ask for another. */
  release(dyno: SimulatedWorker, job: number, at: number): boolean {
    const index = dyno.jobs.indexOf(job);
    dyno.jobs[index] = dyno.jobs.at(-1) ?? job;
    dyno.jobs.pop();
    if (dyno.state === 'stopping' && dyno.jobs.length === 0) this.end(dyno, at);
    return this.free(dyno);
  }

  waitForJob(dyno: SimulatedWorker): void {
    if (dyno.blocking || !this.free(dyno)) return;
    dyno.blocking = true;
    this.line.push(dyno);
  }

  /** SIGKILL. Returns the jobs that die with it. */
  kill(dyno: SimulatedWorker, at: number): readonly number[] {
    if (dyno.state !== 'stopping') return [];
    const dead = dyno.jobs.splice(0);
    this.end(dyno, at);
    return dead;
  }

  /** Jobs running, by dyno number; one that is stopping and its successor count together. */
  *runningJobs(): Iterable<readonly [number: number, jobs: number]> {
    for (const dyno of this.counted) if (dyno.jobs.length > 0) yield [dyno.number, dyno.jobs.length];
    for (const dyno of this.stopping) yield [dyno.number, dyno.jobs.length];
  }

  /** Dyno-ms up to `at`. */
  billedMs(at: number): number {
    let sum = this.paidMs;
    for (const dyno of this.counted) sum += at - dyno.startedAt;
    for (const dyno of this.stopping) sum += at - dyno.startedAt;
    return sum;
  }

  private free(dyno: SimulatedWorker): boolean {
    return dyno.state === 'up' && !dyno.drained && dyno.jobs.length < this.concurrency;
  }

  private leaveLine(dyno: SimulatedWorker): void {
    dyno.blocking = false;
    this.lineHead += 1;
    if (this.lineHead < 1024) return;
    this.line = this.line.slice(this.lineHead);
    this.lineHead = 0;
  }

  private stop(dyno: SimulatedWorker, at: number): void {
    if (dyno.state === 'up') this.upCount -= 1;
    dyno.state = 'stopping';
    if (dyno.jobs.length === 0) {
      this.end(dyno, at);
      return;
    }
    this.stopping.add(dyno);
    this.timers.scheduleKill(dyno);
  }

  private end(dyno: SimulatedWorker, at: number): void {
    dyno.state = 'gone';
    this.stopping.delete(dyno);
    this.paidMs += at - dyno.startedAt;
  }
}
