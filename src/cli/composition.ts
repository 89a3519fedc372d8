import { bullmqBacklog } from '../adapters/bullmq/backlog.ts';
import { cronSchedule } from '../adapters/cron/schedule.ts';
import { memoryJournal } from '../adapters/dry-run/memory-journal.ts';
import { noLease, readOnlyStore, dryRunFormation, readOnlyWorkers } from '../adapters/dry-run/dry-run.ts';
import { herokuFormation } from '../adapters/heroku/formation.ts';
import { connectRedis, type RedisConnection } from '../adapters/redis/connect.ts';
import { redisWorkers } from '../adapters/redis/workers.ts';
import { redisForgetStore } from '../adapters/redis/forget-store.ts';
import { stateKeys } from '../adapters/redis/keys.ts';
import { redisLease } from '../adapters/redis/lease.ts';
import { redisMemoryStore } from '../adapters/redis/memory-store.ts';
import { redisPauseStore } from '../adapters/redis/pause-store.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { ActingSettings, RedisAddress } from '../config/settings.ts';
import type { Journal, PauseStore, Ports, Schedule } from '../ports.ts';

/** The real parts behind the ports. */
export type Assembly = {
  readonly ports: Ports;
  readonly schedule: Schedule;
  readonly journal: Journal;
  readonly pause: PauseStore;
  readonly redis: RedisConnection;
  /** Where Drover keeps its own state; the same connection unless set apart. */
  readonly state: RedisConnection;
  readonly keys: ReturnType<typeof stateKeys>;
  /** Ends every connection at once. */
  readonly close: () => void;
};

/** Connects nothing yet: each part does so at its first use. `acts` false: nothing is written anywhere. */
export async function assemble(
  settings: ActingSettings,
  acts: boolean,
  onDiscarded: (processType: string) => void,
): Promise<Assembly> {
  const { heroku } = settings;
  const connect = ({ url, variable, tlsVerify }: RedisAddress): RedisConnection =>
    connectRedis(url, { tlsVerify, variable });
  const redis = connect(settings.redis);
  const ownState = settings.state.url !== settings.redis.url;
  const state = ownState ? connect(settings.state) : redis;

  const keys = stateKeys(heroku.appName);
  const processTypes = settings.processTypes.map(({ processType }) => processType);
  const lease = redisLease(state, keys, processTypes);
  const store = redisMemoryStore(state, keys, lease, onDiscarded);
  const workers = redisWorkers(state, heroku.appName, lease, keys.fence);
  const formation = herokuFormation({ appName: heroku.appName, token: heroku.token, baseUrl: heroku.apiUrl });
  const pause = redisPauseStore(state, keys);
  return {
    ports: {
      backlog: bullmqBacklog(redis, { prefix: settings.redis.prefix }),
      formation: acts ? formation : dryRunFormation(formation),
      lease: acts ? lease : noLease,
      workers: acts ? workers : readOnlyWorkers(workers),
      store: acts ? store : readOnlyStore(store),
      pause,
      forget: acts ? redisForgetStore(state, keys) : { take: async () => [] },
      clock: systemClock,
    },
    // Its shapes take a while to load, which a command that writes nothing need not wait for.
    journal: acts
      ? (await import('../adapters/redis/journal.ts')).redisJournal(state, keys)
      : memoryJournal(),
    pause,
    schedule: cronSchedule(settings.schedule, settings.timeZone),
    redis,
    state,
    keys,
    close: () => {
      redis.close();
      if (ownState) state.close();
    },
  };
}
