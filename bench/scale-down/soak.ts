import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Queue, type Job } from 'bullmq';

import { bullmqBacklog } from '../../src/adapters/bullmq/backlog.ts';
import { herokuFormation } from '../../src/adapters/heroku/formation.ts';
import { connectRedis } from '../../src/adapters/redis/connect.ts';
import { redisCrew } from '../../src/adapters/redis/crew.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import { redisLease } from '../../src/adapters/redis/lease.ts';
import { redisMemoryStore } from '../../src/adapters/redis/memory-store.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import type { ProcessTypeSettings } from '../../src/config/settings.ts';
import type { Tick } from '../../src/loop/outcome.ts';
import { run } from '../../src/loop/run.ts';
import type { BacklogSource } from '../../src/ports.ts';
import { startPlatform, type Platform } from '../../src/standin/platform.ts';
import { startRedisServer } from '../../src/standin/redis-server.ts';
import { bursts } from './workload.ts';

/** `off`: running jobs are not looked at. `named`: the worker's name is its dyno's. `cooperating`: by the helper. */
export type Level = 'off' | 'named' | 'cooperating';

export type SoakOptions = {
  readonly level: Level;
  readonly concurrency: number;
  /** Process types side by side, each with its queue. */
  readonly fleets: number;
  /** For how long work is added. */
  readonly lengthMs: number;
  /** What a real second is made of: 0.05 makes the platform's 30 s of grace 1.5 s. */
  readonly scale: number;
  readonly seed: number;
};

export type SoakResult = {
  /** PATCHes that lowered a quantity, and how many dynos they took away. */
  readonly scaleDowns: number;
  readonly dynosRemoved: number;
  /** Dynos that the platform had to kill. */
  readonly sigkills: number;
  readonly jobs: number;
  /** Begun more than once: their dyno was killed under them, or handed them back. */
  readonly runTwice: number;
  readonly stalled: number;
  readonly failed: number;
  /** Added, and not to be found done or failed. */
  readonly lost: number;
  readonly dynoSeconds: number;
};

const APP = 'soak';
const MOST = 4;
const TICK_MS = 10_000;
const BOOT_MS = 20_000;
const GRACE_MS = 30_000;
const SCALE_DOWN_DELAY_MS = 20_000;
/** Longest that work may go on after the last was added, in scaled time: the longest job twice, and some ticks. */
const TAIL_MS = 600_000;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { level, concurrency, fleets, lengthMs, scale, seed } = options;
  const types = Array.from({ length: fleets }, (_, index) => `fleet${index + 1}`);
  const redis = await startRedisServer();
  const platform = await startPlatform({
    apps: [{ name: APP, formation: types.map((type) => ({ type, quantity: 1 })) }],
    limit: 1000,
    bootMs: BOOT_MS * scale,
    graceMs: GRACE_MS * scale,
    processes: {
      spawn: ({ type, env }) =>
        spawn(process.execPath, [resolve(import.meta.dirname, 'dyno.mjs')], {
          env: {
            PATH: process.env['PATH'],
            ...env,
            HEROKU_APP_NAME: APP,
            REDIS_PORT: String(redis.port),
            QUEUE: type,
            CONCURRENCY: String(concurrency),
            LEVEL: level,
            TIMING: timing(scale),
          },
          detached: true,
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        }),
    },
  });
  const queues = types.map((type) => new Queue(type, { connection: { port: redis.port } }));
  await Promise.all(queues.map(async (queue) => await queue.waitUntilReady()));

  const stop = new AbortController();
  let removed = { scaleDowns: 0, dynosRemoved: 0 };
  const clock = drive(options, platform, redis.url, types, stop.signal, (tick) => {
    removed = countRemoved(removed, tick);
  });
  try {
    const added = await Promise.all(
      queues.map(async (queue, index) => {
        const load = bursts(lengthMs, concurrency, MOST, scale, seed + index);
        const startedMs = performance.now();
        let count = 0;
        for (const { atMs, jobMs } of load) {
          await delay(Math.max(0, atMs - (performance.now() - startedMs)));
          await queue.addBulk(jobMs.map((ms) => ({ name: 'work', data: { ms } })));
          count += jobMs.length;
        }
        return count;
      }),
    );
    const lastMs = performance.now();
    while (!(await allDone(queues)) && performance.now() - lastMs < TAIL_MS * scale) await delay(50);
    const dynoSeconds = types.reduce((sum, type) => sum + platform.dynoSeconds(APP, type), 0);
    const done = (
      await Promise.all(queues.map(async (queue) => await queue.getJobs(['completed', 'failed'])))
    ).flat();
    const jobs = added.reduce((sum, count) => sum + count, 0);
    return { ...removed, sigkills: platform.kills, jobs, ...fates(done), lost: jobs - done.length, dynoSeconds };
  } finally {
    stop.abort();
    await clock;
    await platform.close();
    await Promise.all(queues.map(async (queue) => await queue.close()));
    await redis.stop();
  }
}

/** BullMQ's times and the helper's, in proportion. Locks keep a length that a busy machine can renew in time. */
function timing(scale: number): string {
  return JSON.stringify({
    worker: { drainDelay: 5 * scale, lockDuration: 3000, stalledInterval: 3000 },
    cooperate: {
      beatMs: 1000 * scale,
      gateMs: 5000 * scale,
      patienceMs: 27_000 * scale,
      handBackDelayMs: 10_000 * scale,
    },
  });
}

/** The real loop on the real adapters, until the signal. */
async function drive(
  { level, concurrency, scale }: SoakOptions,
  platform: Platform,
  redisUrl: string,
  types: readonly string[],
  signal: AbortSignal,
  onTick: (tick: Tick) => void,
): Promise<void> {
  const connection = connectRedis(redisUrl, { tlsVerify: true });
  const keys = stateKeys(APP);
  const lease = redisLease(connection, keys);
  const backlog = bullmqBacklog(connection, { prefix: 'bull' });
  const ports = {
    backlog: level === 'off' ? unseeing(backlog) : backlog,
    formation: herokuFormation({ appName: APP, token: platform.token, baseUrl: platform.url }),
    crew: redisCrew(connection, APP, lease, keys.fence),
    lease,
    store: redisMemoryStore(connection, keys, () => {}),
    clock: systemClock,
  };
  const intervalMs = TICK_MS * scale;
  const next = (): number => Math.ceil((Date.now() + 1) / intervalMs) * intervalMs;
  const settings = types.map((type) => settingsOf(type, concurrency, scale));
  try {
    await run(
      ports,
      settings,
      { next, intervalMs },
      (tick) => {
        // The account's hour is as long as ever, and the ticks are not.
        platform.rateLimitRemaining = 4500;
        onTick(tick);
      },
      signal,
    );
  } finally {
    connection.close();
  }
}

function unseeing(backlog: BacklogSource): BacklogSource {
  return {
    read: async (...args) =>
      (await backlog.read(...args)).map((seen) => ({ ...seen, holders: new Map(), holdersComplete: true })),
  };
}

function settingsOf(processType: string, concurrency: number, scale: number): ProcessTypeSettings {
  return {
    processType,
    queues: [processType],
    dynoSize: undefined,
    min: 1,
    max: MOST,
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

function countRemoved(
  before: { scaleDowns: number; dynosRemoved: number },
  tick: Tick,
): { scaleDowns: number; dynosRemoved: number } {
  let { scaleDowns, dynosRemoved } = before;
  for (const outcome of tick.outcomes) {
    if (outcome.kind === 'blind' || outcome.resized?.kind !== 'resized') continue;
    const fewer = outcome.decision.from - outcome.resized.quantity;
    if (fewer <= 0) continue;
    scaleDowns += 1;
    dynosRemoved += fewer;
  }
  return { scaleDowns, dynosRemoved };
}

async function allDone(queues: readonly Queue[]): Promise<boolean> {
  const left = await Promise.all(
    queues.map(async (queue) => await queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized')),
  );
  return left.every((count) => count === 0);
}

function fates(jobs: readonly Job[]): Pick<SoakResult, 'runTwice' | 'stalled' | 'failed'> {
  return {
    runTwice: jobs.filter((job) => job.attemptsStarted > 1).length,
    stalled: jobs.filter((job) => job.stalledCounter > 0).length,
    failed: jobs.filter((job) => job.failedReason !== undefined).length,
  };
}
