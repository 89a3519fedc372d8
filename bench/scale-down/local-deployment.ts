import { spawn } from 'node:child_process';

import { Queue } from 'bullmq';

import { bullmqBacklog } from '../../src/adapters/bullmq/backlog.ts';
import { noForesight } from '../../src/adapters/dry-run/dry-run.ts';
import { herokuFormation } from '../../src/adapters/heroku/formation.ts';
import { connectRedis } from '../../src/adapters/redis/connect.ts';
import { redisWorkers } from '../../src/adapters/redis/workers.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import { redisLease } from '../../src/adapters/redis/lease.ts';
import { redisMemoryStore } from '../../src/adapters/redis/memory-store.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import type { ProcessTypeSettings } from '../../src/config/settings.ts';
import type { Tick } from '../../src/control/outcome.ts';
import { run } from '../../src/control/run.ts';
import type { BacklogSource, Formation } from '../../src/ports.ts';
import { startPlatform, type Platform } from '../../src/standin/platform.ts';
import { startRedisServer } from '../../src/standin/redis-server.ts';
import { workerProgram } from './worker-program.ts';

/**
 * `off`: running jobs are ignored. `unnamed`: they are read, but their workers have no name. `named`: a worker's name
 * is its dyno's. `cooperating`: by the helper.
 */
export type Level = 'off' | 'unnamed' | 'named' | 'cooperating';

export type DeploymentOptions = {
  readonly level: Level;
  readonly concurrency: number;
  /** Process types side by side, each with its queue of the same name. */
  readonly types: readonly string[];
  /** MAX_WORKERS; default 4. */
  readonly mostDynos?: number;
  /** What a real second is made of: 0.05 makes the platform's 30 s of grace 1.5 s. */
  readonly scale: number;
  readonly generation?: 'cedar' | 'fir';
  /** Real ms by which grace and locks are longer than in proportion: for a machine whose cores are taken. */
  readonly slackMs?: number;
};

export type RunningClock = {
  /** Resolves when its last tick is over. */
  stop(): Promise<void>;
};

/** Worker processes on a local platform, and any number of clocks over them. */
export type LocalDeployment = {
  readonly platform: Platform;
  readonly redisUrl: string;
  readonly queues: readonly Queue[];
  startClock(onTick: (tick: Tick) => void, overrides?: Partial<ProcessTypeSettings>): RunningClock;
  /** Ends everything. */
  close(): Promise<void>;
};

export const APP = 'soak';
export const LEAST_DYNOS = 1;
export const MOST_DYNOS = 4;
export const TICK_MS = 10_000;
export const BOOT_MS = 20_000;
export const GRACE_MS = 30_000;
const SCALE_DOWN_DELAY_MS = 20_000;

export async function openDeployment(options: DeploymentOptions): Promise<LocalDeployment> {
  const { level, concurrency, types, scale, generation = 'cedar', slackMs = 0 } = options;
  const program = await workerProgram();
  const redis = await startRedisServer();
  const platform = await startPlatform({
    apps: [{ name: APP, generation, formation: types.map((type) => ({ type, quantity: LEAST_DYNOS })) }],
    limit: 1000,
    bootMs: BOOT_MS * scale,
    graceMs: GRACE_MS * scale + slackMs,
    processes: {
      spawn: ({ type, env }) =>
        spawn(process.execPath, [program], {
          env: {
            PATH: process.env['PATH'],
            ...env,
            HEROKU_APP_NAME: APP,
            REDIS_PORT: String(redis.port),
            QUEUE: type,
            CONCURRENCY: String(concurrency),
            LEVEL: level,
            TIMING: timing(scale, slackMs),
          },
          detached: true,
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        }),
    },
  });
  const queues = types.map((type) => new Queue(type, { connection: { port: redis.port } }));
  await Promise.all(queues.map(async (queue) => await queue.waitUntilReady()));
  const clocks: RunningClock[] = [];
  return {
    platform,
    redisUrl: redis.url,
    queues,
    startClock(onTick, overrides = {}) {
      const formation = herokuFormation({ appName: APP, token: platform.token, baseUrl: platform.url });
      // Ticks are scaled, the account's hourly budget is not: refill it.
      const refilled = (tick: Tick): void => {
        platform.rateLimitRemaining = 4500;
        onTick(tick);
      };
      const clock = drive(options, { formation, redisUrl: redis.url }, refilled, overrides);
      clocks.push(clock);
      return clock;
    },
    async close() {
      await Promise.all(clocks.map(async (clock) => await clock.stop()));
      await platform.close();
      await Promise.all(queues.map(async (queue) => await queue.close()));
      await redis.stop();
    },
  };
}

/** BullMQ's times and the helper's, in proportion but for the locks, which have to be renewed in time. */
export function timing(scale: number, slackMs: number): string {
  const lockMs = 3000 + slackMs;
  return JSON.stringify({
    worker: { drainDelay: 5 * scale, lockDuration: lockMs, stalledInterval: lockMs },
    cooperate: {
      heartbeatMs: 1000 * scale,
      firstAnswerTimeoutMs: 5000 * scale,
      closeTimeoutMs: 27_000 * scale,
      handBackDelayMs: 10_000 * scale,
    },
  });
}

/** Runs the daemon's loop on the real adapters until stopped. Its lease is left to expire, as by a killed process. */
export function drive(
  { level, concurrency, types, scale, mostDynos = MOST_DYNOS }: DeploymentOptions,
  { formation, redisUrl }: { readonly formation: Formation; readonly redisUrl: string },
  onTick: (tick: Tick) => void,
  overrides: Partial<ProcessTypeSettings>,
): RunningClock {
  const connection = connectRedis(redisUrl, { tlsVerify: true });
  const keys = stateKeys(APP);
  const lease = redisLease(connection, keys, types);
  const backlog = bullmqBacklog(connection, { prefix: 'bull' });
  const ports = {
    backlog: level === 'off' ? withoutHolders(backlog) : backlog,
    formation,
    workers: redisWorkers(connection, APP, lease, keys.fence),
    lease,
    store: redisMemoryStore(connection, keys, lease, () => {}),
    pause: { read: async () => undefined },
    forget: { take: async () => [] },
    foresight: noForesight,
    clock: systemClock,
  };
  const shortestMs = TICK_MS * scale;
  const next = (): number => Math.ceil((Date.now() + 1) / shortestMs) * shortestMs;
  const settings = types.map((type) => ({
    ...settingsOf(type, concurrency, scale),
    max: mostDynos,
    ...overrides,
  }));
  const ended = new AbortController();
  const schedule = { next, shortestMs };
  const running = run({ ports, schedule, onTick, signal: ended.signal }, settings).finally(() => {
    connection.close();
  });
  return {
    stop: async () => {
      ended.abort();
      await running;
    },
  };
}

function withoutHolders(backlog: BacklogSource): BacklogSource {
  return {
    read: async (...args) =>
      (await backlog.read(...args)).map((seen) => ({ ...seen, holders: new Map(), holdersComplete: true })),
    peek: async (...args) => await backlog.peek(...args),
  };
}

function settingsOf(processType: string, concurrency: number, scale: number): ProcessTypeSettings {
  return {
    processType,
    queues: [processType],
    dynoSize: undefined,
    min: LEAST_DYNOS,
    max: MOST_DYNOS,
    jobsPerWorker: concurrency,
    maxWaitMs: undefined,
    concurrency,
    bootMs: BOOT_MS * scale,
    scaleDownDelayMs: SCALE_DOWN_DELAY_MS * scale,
    manualHoldMs: 0,
    drainTimeoutMs: undefined,
    maxStepUp: undefined,
    maxStepDown: undefined,
  };
}
