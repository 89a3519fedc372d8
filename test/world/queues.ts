import type { Random } from '../../src/sim/random.ts';
import { runCommand } from './redis-commands.ts';
import type { VirtualRedis } from './redis.ts';

const BASE = 'bull';
const SCORES_PER_MS = 4096;
const LOCK_MS = 30_000;
const KEPT_COMPLETED = 5;

export type Job = { readonly queue: string; readonly id: string; readonly lengthMs: number };

/** Queues as BullMQ keeps them, in the world's Redis: what its scripts do, done at once. */
export class Queues {
  readonly #redis: VirtualRedis;
  readonly #random: Random;
  readonly #kept = new Map<string, number>();
  readonly #lengths = new Map<string, readonly [number, number]>();
  readonly #limiters = new Map<string, { readonly max: number; readonly durationMs: number } | undefined>();

  constructor(redis: VirtualRedis, random: Random) {
    this.#redis = redis;
    this.#random = random;
  }

  /** From now on whatever is taken is followed by another, so that so many always wait; undefined: no longer. */
  keep(queue: string, waiting: number | undefined): void {
    if (waiting === undefined) this.#kept.delete(queue);
    else this.#kept.set(queue, waiting);
    this.#refill(queue);
  }

  open(
    queue: string,
    jobMs: readonly [number, number],
    limiter: { readonly max: number; readonly durationMs: number } | undefined,
  ): void {
    this.#lengths.set(queue, jobMs);
    this.#limiters.set(queue, limiter);
    const { max, durationMs } = limiter ?? {};
    const limit = limiter === undefined ? [] : ['max', String(max), 'duration', String(durationMs)];
    this.#run('HSET', this.#key(queue, 'meta'), 'version', 'bullmq:6.7.0', ...limit);
  }

  add(queue: string, count: number, delayMs: number): void {
    const now = this.#redis.data.now();
    for (let i = 0; i < count; i += 1) {
      const id = String(this.#run('INCR', this.#key(queue, 'id')));
      const opts = delayMs > 0 ? JSON.stringify({ delay: delayMs }) : '{}';
      this.#run('HSET', this.#key(queue, id), 'name', 'job', 'timestamp', String(now), 'opts', opts);
      if (delayMs === 0) this.#run('LPUSH', this.#key(queue, 'wait'), id);
      else this.#run('ZADD', this.#key(queue, 'delayed'), String((now + delayMs) * SCORES_PER_MS), id);
    }
  }

  /** Jobs that could be taken, had they a worker. */
  waiting(queue: string): number {
    const now = this.#redis.data.now();
    const due = [...this.#redis.data.scores(this.#key(queue, 'delayed')).values()];
    return (
      this.#redis.data.list(this.#key(queue, 'wait')).length +
      due.filter((score) => score / SCORES_PER_MS <= now).length
    );
  }

  active(queue: string): number {
    return this.#redis.data.list(this.#key(queue, 'active')).length;
  }

  /** Removes what waits or will, as a person does who drains a queue. */
  drain(queue: string): void {
    this.#run('DEL', this.#key(queue, 'wait'), this.#key(queue, 'delayed'));
  }

  setPaused(queue: string, paused: boolean): void {
    if (paused) this.#run('HSET', this.#key(queue, 'meta'), 'paused', '1');
    else this.#run('HDEL', this.#key(queue, 'meta'), 'paused');
  }

  setConcurrency(queue: string, slots: number | undefined): void {
    if (slots === undefined) this.#run('HDEL', this.#key(queue, 'meta'), 'concurrency');
    else this.#run('HSET', this.#key(queue, 'meta'), 'concurrency', String(slots));
  }

  /** The next job for a worker, locked by it; or for how long there will be none; undefined: until one is added. */
  take(queue: string, workerName: string | undefined, token: string): Job | number | undefined {
    const meta = this.#redis.data.hash(this.#key(queue, 'meta'));
    if (meta.has('paused')) return undefined;
    const most = Number(meta.get('concurrency') ?? Infinity);
    if (this.active(queue) >= most) return 1000;
    this.#promote(queue);
    if (this.#redis.data.list(this.#key(queue, 'wait')).length === 0) return this.#nextDueInMs(queue);
    const closedMs = this.#passLimiter(queue);
    if (closedMs > 0) return closedMs;
    const id = String(this.#run('RPOP', this.#key(queue, 'wait')));
    this.#run('LPUSH', this.#key(queue, 'active'), id);
    this.#run('SET', this.#lock(queue, id), token, 'PX', String(LOCK_MS));
    const now = this.#redis.data.now();
    const name = workerName === undefined ? [] : ['pb', workerName];
    this.#run('HSET', this.#key(queue, id), 'processedOn', String(now), ...name);
    this.#refill(queue);
    const [shortest, longest] = this.#lengths.get(queue) ?? [1000, 1000];
    return { queue, id, lengthMs: Math.round(shortest + this.#random() * (longest - shortest)) };
  }

  /** False: the job is no longer this worker's. */
  renew({ queue, id }: Job, token: string): boolean {
    if (this.#redis.data.text(this.#lock(queue, id)) !== token) return false;
    this.#redis.data.expire(this.#lock(queue, id), this.#redis.data.now() + LOCK_MS);
    return true;
  }

  complete({ queue, id }: Job, token: string): void {
    if (this.#redis.data.text(this.#lock(queue, id)) !== token) return;
    const now = this.#redis.data.now();
    this.#run('LREM', this.#key(queue, 'active'), '-1', id);
    this.#run('DEL', this.#lock(queue, id));
    this.#run('HSET', this.#key(queue, id), 'finishedOn', String(now));
    const completed = this.#key(queue, 'completed');
    this.#run('ZADD', completed, String(now), id);
    for (const [old] of this.#redis.data.sorted(completed).slice(0, -KEPT_COMPLETED)) {
      this.#run('ZREM', completed, old);
      this.#run('DEL', this.#key(queue, old));
    }
  }

  /** Gives a job back at once, as the worker half does when the platform's patience is over. */
  handBack({ queue, id }: Job, token: string): void {
    if (this.#redis.data.text(this.#lock(queue, id)) !== token) return;
    this.#run('LREM', this.#key(queue, 'active'), '-1', id);
    this.#run('DEL', this.#lock(queue, id));
    const due = (this.#redis.data.now() + 10_000) * SCORES_PER_MS;
    this.#run('ZADD', this.#key(queue, 'delayed'), String(due), id);
  }

  /** Puts back jobs whose lock has expired, as every live worker does from time to time. */
  recover(queue: string): boolean {
    const active = this.#redis.data.list(this.#key(queue, 'active'));
    const stalled = active.filter((id) => this.#redis.data.text(this.#lock(queue, id)) === null);
    for (const id of stalled) {
      this.#run('LREM', this.#key(queue, 'active'), '-1', id);
      this.#run('RPUSH', this.#key(queue, 'wait'), id);
    }
    return stalled.length > 0;
  }

  #refill(queue: string): void {
    const missing = (this.#kept.get(queue) ?? 0) - this.waiting(queue);
    if (missing > 0) this.add(queue, missing, 0);
  }

  #promote(queue: string): void {
    const delayed = this.#key(queue, 'delayed');
    const now = this.#redis.data.now();
    for (const [id, score] of this.#redis.data.sorted(delayed)) {
      if (score / SCORES_PER_MS > now) return;
      this.#run('ZREM', delayed, id);
      this.#run('LPUSH', this.#key(queue, 'wait'), id);
    }
  }

  #nextDueInMs(queue: string): number | undefined {
    const [first] = this.#redis.data.sorted(this.#key(queue, 'delayed'));
    return first === undefined ? undefined : Math.max(1, first[1] / SCORES_PER_MS - this.#redis.data.now());
  }

  /** 0: one more may be taken, and was counted. */
  #passLimiter(queue: string): number {
    const limiter = this.#limiters.get(queue);
    if (limiter === undefined) return 0;
    const key = this.#key(queue, 'limiter');
    if (Number(this.#redis.data.text(key) ?? 0) >= limiter.max)
      return Math.max(1, this.#redis.data.ttlMs(key));
    if (Number(this.#run('INCR', key)) === 1) this.#run('PEXPIRE', key, String(limiter.durationMs));
    return 0;
  }

  #run(name: string, ...args: string[]): unknown {
    return runCommand(this.#redis.data, name, args);
  }

  #key(queue: string, name: string): string {
    return `${BASE}:${queue}:${name}`;
  }

  #lock(queue: string, id: string): string {
    return `${this.#key(queue, id)}:lock`;
  }
}
