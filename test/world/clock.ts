import type { Redis } from 'ioredis';

import { bullmqBacklog } from '../../src/adapters/bullmq/backlog.ts';
import { cronSchedule } from '../../src/adapters/cron/schedule.ts';
import { noForesight } from '../../src/adapters/dry-run/dry-run.ts';
import { herokuFormation } from '../../src/adapters/heroku/formation.ts';
import { connectionOver, type RedisConnection } from '../../src/adapters/redis/connect.ts';
import { redisWorkers } from '../../src/adapters/redis/workers.ts';
import { redisForgetStore } from '../../src/adapters/redis/forget-store.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import { redisLease } from '../../src/adapters/redis/lease.ts';
import { redisMemoryStore } from '../../src/adapters/redis/memory-store.ts';
import { redisPauseStore } from '../../src/adapters/redis/pause-store.ts';
import type { Tick } from '../../src/control/outcome.ts';
import { NOTHING_LOGGED, logLines } from '../../src/reporting/log-lines.ts';
import { conclude, type Carried } from '../../src/control/reconcile.ts';
import { run } from '../../src/control/run.ts';
import type { Clock, Ports } from '../../src/ports.ts';
import type { Platform } from './platform.ts';
import { RedisClient } from './redis-client.ts';
import type { VirtualRedis } from './redis.ts';
import { APP, type Story } from './story.ts';
import type { Machine, Time } from './time.ts';

const SHUTDOWN_MS = 4500;

export type ClockWorld = {
  readonly time: Time;
  readonly redis: VirtualRedis;
  readonly platform: Platform;
  readonly story: Story;
  ticked(clock: ClockProcess, tick: Tick): void;
  /** Ended by an error: `drover run` would have exited with 1. */
  failed(clock: ClockProcess, thrown: unknown): void;
};

/** One process of `drover run`: the real loop over the real adapters, from its start to its end. */
export class ClockProcess {
  readonly machine: Machine;
  /** When the tick under way began to read. */
  readAt = 0;
  readonly #world: ClockWorld;
  readonly #stop = new AbortController();
  readonly #client: RedisClient;
  #ports: Ports | undefined;

  constructor(world: ClockWorld, number: number) {
    this.#world = world;
    this.machine = world.time.machine(`clock ${number}`);
    this.#client = new RedisClient(world.redis, this.machine, false);
    world.time.on(this.machine, 0, () => this.#start());
  }

  get client(): RedisClient {
    return this.#client;
  }

  /** SIGTERM. */
  stop(): void {
    this.#world.time.on(this.machine, 0, () => this.#stop.abort());
    this.#world.time.on(this.machine, SHUTDOWN_MS, () => this.kill());
  }

  kill(): void {
    this.machine.state = 'dead';
    this.#world.redis.clients.delete(this.#client);
  }

  #start(): void {
    const { story } = this.#world;
    const ports = this.#open();
    this.#ports = ports;
    let state = NOTHING_LOGGED;
    const onTick = (tick: Tick): void => {
      this.#world.ticked(this, tick);
      ({ state } = logLines(state, tick));
    };
    const types = story.types.map(({ settings }) => settings);
    const schedule = cronSchedule(story.schedule, 'UTC');
    run({ ports, schedule, onTick, signal: this.#stop.signal }, types).then(
      (carried) => void this.#end(carried),
      (thrown: unknown) => {
        this.kill();
        this.#world.failed(this, thrown);
      },
    );
  }

  async #end(carried: Carried): Promise<void> {
    if (this.#ports !== undefined) await conclude(this.#ports, carried);
    this.kill();
  }

  #open(): Ports {
    const { platform } = this.#world;
    const connection = connectionOver(asRedis(this.#client), { tlsVerify: true });
    const clock = clockOf(this.#world.time, this.machine);
    const types = this.#world.story.types.map(({ settings }) => settings.processType);
    const ports = portsOver(connection, types);
    const backlog: Ports['backlog'] = {
      read: (selections, at, signal) => {
        this.readAt = this.#world.time.now;
        return ports.backlog.read(selections, at, signal);
      },
      // Only some: peeks take a third of the time of all else.
      peek: async (...args) => (this.#world.story.seed % 8 === 0 ? await ports.backlog.peek(...args) : []),
    };
    const formation = herokuFormation({
      appName: APP,
      token: 'token',
      baseUrl: 'https://api.heroku.com',
      clock,
      requester: platform.requesterFor(this.machine),
    });
    return { ...ports, backlog, formation, foresight: noForesight, clock };
  }
}

/** Everything of a clock that lives in Redis. */
export function portsOver(
  connection: RedisConnection,
  processTypes: readonly string[],
): Pick<Ports, 'backlog' | 'lease' | 'workers' | 'store' | 'pause' | 'forget'> {
  const keys = stateKeys(APP);
  const lease = redisLease(connection, keys, processTypes);
  return {
    backlog: bullmqBacklog(connection, { prefix: 'bull' }),
    lease,
    workers: redisWorkers(connection, APP, lease, keys.fence),
    store: redisMemoryStore(connection, keys, lease, () => {}),
    pause: redisPauseStore(connection, keys),
    forget: redisForgetStore(connection, keys),
  };
}

/** The adapters use of it what the virtual client has. */
export function asRedis(client: RedisClient): Redis {
  return client as unknown as Redis;
}

export function clockOf(time: Time, machine: Machine): Clock {
  return {
    now: () => Math.floor(time.now + machine.skewMs),
    monotonicMs: () => time.now - machine.startedAt,
    sleep: async (ms, signal) => {
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          entry.cancelled = true;
          signal.removeEventListener('abort', done);
          resolve();
        };
        const entry = time.on(machine, Math.max(1, ms), done);
        signal.addEventListener('abort', done, { once: true });
      });
    },
  };
}
