import { bullmqBacklog } from '../../src/adapters/bullmq/backlog.ts';
import { noForesight } from '../../src/adapters/dry-run/dry-run.ts';
import { connectRedis } from '../../src/adapters/redis/connect.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import { redisLease } from '../../src/adapters/redis/lease.ts';
import { redisMemoryStore } from '../../src/adapters/redis/memory-store.ts';
import { redisWorkers } from '../../src/adapters/redis/workers.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import type { ProcessTypeSettings } from '../../src/config/settings.ts';
import type { Tick } from '../../src/control/outcome.ts';
import { run } from '../../src/control/run.ts';
import type { BacklogSource } from '../../src/ports.ts';
import type { Formation } from '../../src/ports/platform.ts';
import {
  APP,
  BOOT_MS,
  LEAST_DYNOS,
  MOST_DYNOS,
  SCALE_DOWN_DELAY_MS,
  TICK_MS,
  type FleetOptions,
} from './options.ts';

export type RunningClock = {
  /** Resolves when its last tick is over. */
  stop(): Promise<void>;
};

/** Runs the daemon's loop on the real adapters until stopped. Its lease is left to expire, as by a killed process. */
export function startClock(
  options: FleetOptions,
  { formation, redisUrl }: { readonly formation: Formation; readonly redisUrl: string },
  onTick: (tick: Tick) => void,
  overrides: Partial<ProcessTypeSettings>,
): RunningClock {
  const { level, types, scale } = options;
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
  const settings = types.map((type) => ({ ...settingsOf(type, options), ...overrides }));
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

function settingsOf(
  processType: string,
  { concurrency, scale, mostDynos = MOST_DYNOS }: FleetOptions,
): ProcessTypeSettings {
  return {
    processType,
    queues: [processType],
    dynoSize: undefined,
    min: LEAST_DYNOS,
    max: mostDynos,
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
