import { spawn, type ChildProcess } from 'node:child_process';

import { Queue } from 'bullmq';

import type { ProcessTypeSettings } from '../../src/config/settings.ts';
import type { Tick } from '../../src/control/outcome.ts';
import type { Formation } from '../../src/ports/platform.ts';
import { startRedisServer } from '../../src/standin/redis-server.ts';
import type { Stopped } from '../../src/standin/stopped.ts';
import { startClock, type RunningClock } from './clock.ts';
import { LockRelease } from './lock-release.ts';
import { APP, LOCK_MS, timing, type FleetOptions } from './options.ts';
import { JobRecord } from './record.ts';
import { workerProgram } from './worker-program.ts';

/** A platform on this machine whose dynos are worker processes. */
export type LocalPlatform = {
  formation(): Formation;
  quantity(type: string): number;
  /** Seconds that the dynos of a type have existed so far. */
  dynoSeconds(type: string): number;
  readonly stopped: readonly Stopped[];
  close(): Promise<void>;
};

/** Starts the process of a dyno. `env` is what the platform sets in its environment. */
export type SpawnWorker = (type: string, env: Readonly<Record<string, string>>) => ChildProcess;

/** Worker processes on a local platform, and any number of clocks over them. */
export type Fleet<P extends LocalPlatform = LocalPlatform> = {
  readonly platform: P;
  readonly redisUrl: string;
  readonly queues: readonly Queue[];
  readonly record: JobRecord;
  startClock(onTick: (tick: Tick) => void, overrides?: Partial<ProcessTypeSettings>): RunningClock;
  /** Ends everything. */
  close(): Promise<void>;
};

export async function openFleet<P extends LocalPlatform>(
  options: FleetOptions,
  startOn: (spawnWorker: SpawnWorker) => Promise<P>,
): Promise<Fleet<P>> {
  const program = await workerProgram();
  const redis = await startRedisServer();
  const record = new JobRecord();
  const locks = new LockRelease(redis.url, LOCK_MS * options.scale);
  const platform = await startOn((type, env) => {
    const child = spawn(process.execPath, [program], {
      env: {
        PATH: process.env['PATH'],
        ...env,
        HEROKU_APP_NAME: APP,
        REDIS_PORT: String(redis.port),
        QUEUE: type,
        CONCURRENCY: String(options.concurrency),
        LEVEL: options.level,
        TIMING: timing(options),
      },
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const runs = record.follow(child, { type, name: env['DYNO'] ?? env['HOSTNAME'] ?? '' });
    locks.follow(child, type, runs);
    return child;
  });
  const queues = options.types.map((type) => new Queue(type, { connection: { port: redis.port } }));
  await Promise.all(queues.map(async (queue) => await queue.waitUntilReady()));
  const clocks: RunningClock[] = [];
  return {
    platform,
    redisUrl: redis.url,
    queues,
    record,
    startClock(onTick, overrides = {}) {
      const parts = { formation: platform.formation(), redisUrl: redis.url };
      const clock = startClock(options, parts, onTick, overrides);
      clocks.push(clock);
      return clock;
    },
    async close() {
      await Promise.all(clocks.map(async (clock) => await clock.stop()));
      locks.close();
      await platform.close();
      await Promise.all(queues.map(async (queue) => await queue.close()));
      await redis.stop();
    },
  };
}
