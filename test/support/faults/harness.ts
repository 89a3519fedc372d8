import { setTimeout as sleep } from 'node:timers/promises';

import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import { noForesight } from '../../../src/adapters/dry-run/dry-run.ts';
import { herokuFormation } from '../../../src/adapters/heroku/formation.ts';
import { connectRedis } from '../../../src/adapters/redis/connect.ts';
import { redisWorkers } from '../../../src/adapters/redis/workers.ts';
import { redisForgetStore } from '../../../src/adapters/redis/forget-store.ts';
import { redisJournal } from '../../../src/adapters/redis/journal.ts';
import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { redisLease } from '../../../src/adapters/redis/lease.ts';
import { redisMemoryStore } from '../../../src/adapters/redis/memory-store.ts';
import { redisPauseStore } from '../../../src/adapters/redis/pause-store.ts';
import { recorder, type Recorder } from '../../../src/reporting/recorder.ts';
import { NOTHING_LOGGED, logLines } from '../../../src/reporting/log-lines.ts';
import { conclude, reconcile, type Carried } from '../../../src/control/reconcile.ts';
import type { Tick } from '../../../src/control/outcome.ts';
import type { Clock, Ports } from '../../../src/ports.ts';
import type { Resize } from '../../../src/ports/platform.ts';
import type { ProcessTypeSettings } from '../../../src/config/settings.ts';
import { startPlatform, type Platform } from '../../../src/standin/platform.ts';
import { startRedisServer, type RedisServer } from '../../../src/standin/redis-server.ts';
import { processType } from '../ports.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';

const APP = 'my-app';
const QUEUE = 'mail';
const PASSWORD = 'redis-s3cret-password';
/** The tick interval of the clocks. */
export const TICK_MS = 10_000;
/** Ticks follow one another at once, so what lasts in real time is scaled with them. */
const LEASE_SCALE = 15;
export const LEASE_REAL_MS = (1.5 * TICK_MS) / LEASE_SCALE;
/** What the ten seconds between two ticks are for a connection: time to come back, which it tries every two. */
const RECONNECT_REAL_MS = 2_500;
const STABLE_REAL_MS = 100;
/** Short for the faults that are waited for, long for a busy machine on which there is none. */
const DEADLINE_REAL_MS = 3_000;
const TIMEOUT_REAL_MS = 750;

const HEROKU_EPOCH = Date.parse('2026-03-02T09:59:30Z');

export const SETTINGS: ProcessTypeSettings = processType({
  queues: [QUEUE],
  min: 2,
  max: 20,
  scaleDownDelayMs: 0,
  manualHoldMs: 0,
});

/** The time of every part of the harness: it stands still within a tick. */
export class ManualClock implements Clock {
  at = Date.parse('2026-03-02T10:00:00Z');
  #monotonicMs = 0;

  now(): number {
    return this.at;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  async sleep(): Promise<void> {}

  pass(ms: number): void {
    this.at += ms;
    this.#monotonicMs += ms;
  }
}

/** One clock process with its own connection through its own proxy. `name` identifies it in `resizes`. */
export class DroverInstance {
  readonly name: string;
  readonly network: FaultProxy;
  readonly ticks: Tick[] = [];
  /** What it logged, as `level message`; debug left out. */
  readonly logged: string[] = [];
  #carried: Carried;
  #logState = NOTHING_LOGGED;
  readonly #ports: Ports;
  readonly #recorder: Recorder;
  readonly #close: () => void;

  constructor(name: string, network: FaultProxy, harness: FaultHarness) {
    this.name = name;
    this.network = network;
    const connection = connectRedis(`redis://drover:${PASSWORD}@127.0.0.1:${network.port}`, {
      tlsVerify: true,
      connectTimeoutMs: TIMEOUT_REAL_MS,
      answerTimeoutMs: TIMEOUT_REAL_MS,
    });
    const keys = stateKeys(APP);
    const lease = redisLease(connection, keys, [SETTINGS.processType]);
    const formation = herokuFormation({
      appName: APP,
      token: harness.platform.token,
      baseUrl: harness.platform.url,
      timeoutMs: TIMEOUT_REAL_MS,
      clock: harness.clock,
    });
    this.#ports = {
      backlog: bullmqBacklog(connection, { prefix: 'bull' }),
      foresight: noForesight,
      formation: {
        ...formation,
        resize: async (resize, signal) => {
          harness.resizes.push({ by: name, resize });
          return await formation.resize(resize, signal);
        },
      },
      lease: {
        ...lease,
        acquire: async (forMs, signal) => await lease.acquire(forMs / LEASE_SCALE, signal),
        confirm: async (forMs, signal) => await lease.confirm(forMs / LEASE_SCALE, signal),
      },
      workers: redisWorkers(connection, APP, lease, keys.fence),
      store: redisMemoryStore(connection, keys, lease, () => this.logged.push('warn discarded')),
      pause: redisPauseStore(connection, keys),
      forget: redisForgetStore(connection, keys),
      clock: harness.clock,
    };
    const context = { appName: APP, timeZone: 'UTC' };
    this.#recorder = recorder(redisJournal(connection, keys), undefined, context, () => {});
    this.#close = () => connection.close();
  }

  async tick(): Promise<Tick> {
    const signal = AbortSignal.timeout(DEADLINE_REAL_MS);
    const request = { ports: this.#ports, tickMs: TICK_MS, signal };
    const { tick, carried } = await reconcile(request, [SETTINGS], this.#carried);
    this.#carried = carried;
    const logged = logLines(this.#logState, tick);
    this.#logState = logged.state;
    this.logged.push(
      ...logged.lines
        .filter(({ level }) => level !== 'debug')
        .map(({ level, message }) => `${level} ${message}`),
    );
    this.#recorder.record(tick);
    await this.#recorder.done();
    this.ticks.push(tick);
    if (this.ticks.length > 100) this.ticks.shift();
    return tick;
  }

  /** Resolves when its connection is back and stays, or the next tick would be due. */
  async reconnected(): Promise<void> {
    let upMs = 0;
    for (let ms = 0; ms < RECONNECT_REAL_MS && upMs < STABLE_REAL_MS; ms += 20) {
      await sleep(20);
      upMs = this.network.connections > 0 ? upMs + 20 : 0;
    }
  }

  /** Ends it as SIGKILL does: the lease expires by itself. */
  async kill(): Promise<void> {
    this.#close();
    await this.network.stop();
  }

  /** Ends it as SIGTERM does. */
  async terminate(): Promise<void> {
    await conclude(this.#ports, this.#carried);
    await this.kill();
  }
}

/** A real Redis with a queue, a local Platform API, and clocks that reach Redis through proxies that inject faults. */
export class FaultHarness {
  readonly clock = new ManualClock();
  readonly redis: RedisServer;
  /** An administrator's connection, past all faults. */
  readonly admin: Redis;
  readonly platform: Platform;
  readonly queue: Queue;
  /** Every attempted write, with the name of its clock. */
  readonly resizes: { readonly by: string; readonly resize: Resize }[] = [];
  /** Waiting jobs: the expected reading. */
  waiting = 0;

  private constructor(redis: RedisServer, platform: Platform) {
    this.redis = redis;
    this.platform = platform;
    this.admin = new Redis({ port: redis.port });
    this.queue = new Queue(QUEUE, { connection: { port: redis.port } });
  }

  static async start(): Promise<FaultHarness> {
    const redis = await startRedisServer({ args: ['--enable-debug-command', 'local'] });
    const clockOf: { harness?: FaultHarness } = {};
    const platform = await startPlatform({
      apps: [{ name: APP, formation: [{ type: 'worker', quantity: 3 }] }],
      // Heroku's clock is not affected by jumps of the system clock.
      clock: { now: () => HEROKU_EPOCH + (clockOf.harness?.clock.monotonicMs() ?? 0) },
    });
    const harness = new FaultHarness(redis, platform);
    clockOf.harness = harness;
    await harness.grantRights();
    await harness.queue.waitUntilReady();
    return harness;
  }

  /** Creates the clocks' Redis user with exactly the rights that the documentation lists. */
  async grantRights(): Promise<void> {
    const reading =
      '-@all +eval_ro +evalsha_ro +llen +zcard +zcount +get +hmget +exists +lindex +zrange'.split(' ');
    const more = '+zrangebyscore +lrange +mget +hget +pttl +scan'.split(' ');
    await this.admin.acl(
      'SETUSER',
      'drover',
      'reset',
      'on',
      `>${PASSWORD}`,
      '%R~bull:*',
      ...reading,
      ...more,
      '(~drover:* +@all -@admin -@dangerous)',
    );
  }

  async drover(name: string): Promise<DroverInstance> {
    return new DroverInstance(name, await startFaultProxy(this.redis.port), this);
  }

  /** Sets the backlog. It stays as it was while Redis refuses writes. */
  async setWaiting(jobs: number): Promise<void> {
    const change = jobs - this.waiting;
    try {
      if (change > 0) {
        // As BullMQ leaves them, without its scripts: thousands of rounds do this.
        const last = await this.admin.incrby('bull:mail:id', change);
        const ids = Array.from({ length: change }, (_, index) => String(last - index));
        await this.admin.rpush('bull:mail:wait', ...ids);
      } else if (change < 0) await this.admin.ltrim('bull:mail:wait', -change, -1);
      this.waiting = jobs;
    } catch (thrown) {
      if (!(thrown instanceof Error) || thrown.name !== 'ReplyError') throw thrown;
    }
  }

  /** Epoch ms, by Heroku's clock. */
  get herokuNow(): number {
    return HEROKU_EPOCH + this.clock.monotonicMs();
  }

  get quantity(): number {
    return this.platform.quantity(APP, 'worker');
  }

  /** As a person sets it. */
  set quantity(count: number) {
    this.platform.setQuantity(APP, 'worker', count);
  }

  /** The result of the backlog rule, computed without Drover's code. */
  get expectedQuantity(): number {
    return Math.min(SETTINGS.max, Math.max(SETTINGS.min, Math.ceil(this.waiting / SETTINGS.jobsPerWorker)));
  }

  async stop(): Promise<void> {
    this.admin.disconnect();
    await this.queue.close().catch(() => {});
    await this.platform.close();
    await this.redis.stop();
  }
}
