import type { BullWorker } from '../../src/worker/bullmq-worker.ts';
import type { Run, Surroundings } from './dyno.ts';
import type { Job } from './queues.ts';
import type { Machine } from './time.ts';

/** How long a BullMQ worker waits for a job before it looks whether it is paused. */
const BLOCK_MS = 5000;
const RETRY_MS = 1000;

/**
 * A BullMQ worker as Drover's worker half knows it. After `pause` one more job may slip in: `paused` is not looked at
 * between the wait for a job and its fetch, and the main loop ends only when no fetch is under way and no job runs.
 */
export class ModelWorker implements BullWorker {
  readonly opts: { name?: string | undefined } = {};
  readonly concurrency: number;
  readonly runs = new Map<string, Run>();
  readonly #world: Surroundings;
  readonly #machine: Machine;
  readonly #queues: readonly string[];
  readonly #token: string;
  #paused = false;
  #running = false;
  #closing = false;
  #fetching = false;
  #blockedSince: number | undefined;
  #turn = 0;

  constructor(world: Surroundings, machine: Machine, queues: readonly string[], concurrency: number) {
    this.#world = world;
    this.#machine = machine;
    this.#queues = queues;
    this.concurrency = concurrency;
    this.#token = `${machine.name}:${world.random()}`;
  }

  start(): void {
    this.#running = true;
    this.#next();
  }

  isPaused(): boolean {
    return this.#paused;
  }

  isRunning(): boolean {
    return this.#running;
  }

  async pause(): Promise<void> {
    this.#paused = true;
    if (this.#blockedSince === undefined) {
      this.#endLoop();
      return;
    }
    const since = this.#blockedSince;
    const leftMs = BLOCK_MS - ((this.#world.time.now - since) % BLOCK_MS);
    this.#after(leftMs, () => {
      if (!this.#paused || this.#blockedSince !== since) return;
      this.#blockedSince = undefined;
      this.#endLoop();
    });
  }

  resume(): void {
    this.#paused = false;
    this.#running = true;
    this.#next();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#blockedSince = undefined;
    this.#endLoop();
  }

  on(): void {}
  off(): void {}

  poke(): void {
    if (this.#blockedSince === undefined) return;
    this.#blockedSince = undefined;
    this.#fetch(1 + this.#world.random() * 20);
  }

  /** Keeps the locks of what runs; `recovers`: and looks for jobs whose lock is gone. */
  renew(recovers: boolean): void {
    if (!this.#reachesRedis()) return;
    for (const { job, token } of this.runs.values()) this.#world.queues.renew(job, token);
    if (!recovers || !this.#running || this.#closing) return;
    for (const queue of this.#queues) if (this.#world.queues.recover(queue)) this.poke();
  }

  handBack(): void {
    if (!this.#reachesRedis()) return;
    for (const { job, token } of this.runs.values()) this.#world.queues.handBack(job, token);
  }

  #next(): void {
    if (this.#paused || this.#closing) this.#endLoop();
    else if (!this.#fetching && this.#blockedSince === undefined && this.runs.size < this.concurrency) {
      this.#fetch(1 + this.#world.random() * 4);
    }
  }

  #endLoop(): void {
    if (this.#fetching || this.#blockedSince !== undefined || this.runs.size > 0) return;
    if (this.#paused || this.#closing) this.#running = false;
  }

  #fetch(inMs: number): void {
    if (this.#fetching) return;
    this.#fetching = true;
    this.#after(inMs, () => {
      this.#fetching = false;
      if (this.#closing) {
        this.#endLoop();
        return;
      }
      if (this.#reachesRedis()) this.#take();
      else if (this.#paused) this.#endLoop();
      else this.#fetch(RETRY_MS);
    });
  }

  #take(): void {
    let blockMs: number | undefined;
    for (let i = 0; i < this.#queues.length; i += 1) {
      this.#turn += 1;
      const queue = this.#queues[this.#turn % this.#queues.length] ?? '';
      const taken = this.#world.queues.take(queue, this.opts.name, this.#token);
      if (typeof taken === 'object') {
        this.#run(taken);
        this.#next();
        return;
      }
      if (taken !== undefined) blockMs = Math.min(blockMs ?? Infinity, taken);
    }
    if (this.#paused) {
      this.#endLoop();
      return;
    }
    const since = this.#world.time.now;
    this.#blockedSince = since;
    if (blockMs !== undefined) {
      this.#after(blockMs, () => {
        if (this.#blockedSince === since) this.poke();
      });
    }
  }

  #run(job: Job): void {
    const key = `${job.queue}:${job.id}`;
    this.runs.set(key, { job, token: this.#token, startedAt: this.#world.time.now });
    const end = (): void => {
      if (!this.#reachesRedis()) {
        this.#after(RETRY_MS, end);
        return;
      }
      this.#world.queues.complete(job, this.#token);
      this.runs.delete(key);
      this.#next();
    };
    this.#after(job.lengthMs, end);
  }

  #reachesRedis(): boolean {
    return this.#world.redis.reachable && !this.#world.redis.hanging;
  }

  #after(ms: number, run: () => void): void {
    this.#world.time.after(ms, run, this.#machine);
  }
}
