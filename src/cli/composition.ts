import { bullmqBacklog } from '../adapters/bullmq/backlog.ts';
import { cronSchedule } from '../adapters/cron/schedule.ts';
import {
  noForesight,
  noLease,
  readOnlyStore,
  dryRunFormation,
  readOnlyWorkers,
} from '../adapters/dry-run/dry-run.ts';
import type { TargetOptions } from '../adapters/kubernetes/formation.ts';
import { HerokuAccount } from '../adapters/heroku/account.ts';
import { memoryJournal } from '../adapters/dry-run/memory-journal.ts';
import { connectRedis, type RedisConnection } from '../adapters/redis/connect.ts';
import { redisForgetStore } from '../adapters/redis/forget-store.ts';
import { stateKeys } from '../adapters/redis/keys.ts';
import { redisLease } from '../adapters/redis/lease.ts';
import { redisMemoryStore } from '../adapters/redis/memory-store.ts';
import { redisPauseStore } from '../adapters/redis/pause-store.ts';
import { redisWorkers } from '../adapters/redis/workers.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { afterShadow } from '../adapters/shadow/after-shadow.ts';
import { shadowOf } from '../adapters/shadow/shadow.ts';
import type {
  Access,
  ActingSettings,
  KubernetesAccess,
  Mode,
  RedisAddress,
  Settings,
} from '../config/settings.ts';
import type { ForgetStore, Journal, Notifier, PauseStore, Ports, Schedule } from '../ports.ts';
import type { Formation } from '../ports/platform.ts';
import { JournalForesight } from './foresight/foresight.ts';

/*
 * The composition root: here alone settings become adapters. Nothing connects before its first use.
 */

/** The adapters of a clock. */
export type Assembly = {
  readonly ports: Ports;
  readonly schedule: Schedule;
  readonly journal: Journal;
  readonly pause: PauseStore;
  /** Reads the past beside the ticks once it is run. Absent: nothing of its own is foreseen. */
  readonly foresight: JournalForesight | undefined;
  readonly redis: RedisConnection;
  /** The connection to Drover's own state: that of `redis` unless STATE_REDIS_URL is set. */
  readonly state: RedisConnection;
  readonly keys: ReturnType<typeof stateKeys>;
  /** Closes every connection. */
  readonly close: () => void;
};

/**
 * The adapters of a mode. `onDiscarded`: the saved state of a process type was unreadable. `account`: shared with the other
 * apps of its token.
 */
export async function assemble(
  settings: ActingSettings,
  mode: Mode,
  onDiscarded: (processType: string) => void,
  account?: HerokuAccount,
): Promise<Assembly> {
  const { access, appName } = settings;
  const redis = connectTo(settings.redis);
  const ownState = settings.state.url !== settings.redis.url;
  const state = ownState ? connectTo(settings.state) : redis;
  const keys = stateKeys(appName);
  const acts = mode !== 'dry-run';
  const lease = redisLease(
    state,
    keys,
    settings.processTypes.map(({ processType }) => processType),
  );
  const shadowKeys = { fence: keys.fence, memory: keys.shadowMemory };
  const store =
    mode === 'shadow'
      ? redisMemoryStore(state, shadowKeys, lease, onDiscarded)
      : afterShadow(
          redisMemoryStore(state, keys, lease, onDiscarded),
          redisMemoryStore(state, shadowKeys, lease, () => {}),
        );
  const workers = redisWorkers(state, appName, lease, keys.fence);
  const formation = await formationOf(access, account);
  const pause = redisPauseStore(state, keys);
  const journal = acts ? await storedJournal(state, keys) : memoryJournal();
  const schedule = cronSchedule(settings.schedule, settings.timeZone);
  const { processTypes, timeZone } = settings;
  const foresight = acts
    ? new JournalForesight({
        journal,
        clock: systemClock,
        processTypes,
        timeZone,
        tickMs: schedule.shortestMs,
      })
    : undefined;
  return {
    ports: {
      backlog: bullmqBacklog(redis, { prefix: settings.redis.prefix }),
      ...scaling(mode, { formation, workers, store, clock: systemClock }),
      lease: acts ? lease : noLease,
      pause,
      forget: acts ? redisForgetStore(state, keys) : { take: async () => [] },
      foresight: foresight ?? noForesight,
      clock: systemClock,
    },
    journal,
    foresight,
    pause,
    schedule,
    redis,
    state,
    keys,
    close: () => {
      redis.close();
      if (ownState) state.close();
    },
  };
}

type Scaling = Pick<Ports, 'formation' | 'workers' | 'store'>;

/** What a mode does with a decision. */
function scaling(mode: Mode, real: Scaling & Pick<Ports, 'clock'>): Scaling {
  switch (mode) {
    case 'act':
      return { formation: real.formation, workers: real.workers, store: real.store };
    case 'shadow':
      return shadowOf(real);
    case 'dry-run':
      return {
        formation: dryRunFormation(real.formation),
        workers: readOnlyWorkers(real.workers),
        store: readOnlyStore(real.store),
      };
    default:
      return mode satisfies never;
  }
}

/** What the clock keeps in Redis, for commands that show or change it. */
export type StoredState = {
  readonly appName: string;
  readonly journal: Journal;
  readonly pause: PauseStore;
  readonly forget: ForgetStore;
  /** A deadline for one request. */
  readonly signal: () => AbortSignal;
  readonly close: () => void;
};

const ANSWER_MS = 10_000;

/** Connects on first use. */
export async function openStoredState(settings: Settings): Promise<StoredState> {
  const connection = connectTo(settings.state);
  const keys = stateKeys(settings.appName);
  return {
    appName: settings.appName,
    journal: await storedJournal(connection, keys),
    pause: redisPauseStore(connection, keys),
    forget: redisForgetStore(connection, keys),
    signal: () => AbortSignal.timeout(ANSWER_MS),
    close: () => connection.close(),
  };
}

/** Calls `work` and closes the connection. */
export async function withStoredState<T>(
  settings: Settings,
  work: (state: StoredState) => Promise<T>,
): Promise<T> {
  const state = await openStoredState(settings);
  try {
    return await work(state);
  } finally {
    state.close();
  }
}

export async function notifierFor({ notifyUrl, appName }: Settings): Promise<Notifier | undefined> {
  if (notifyUrl === undefined) return undefined;
  const { webhookNotifier } = await import('../adapters/notify/webhook.ts');
  return webhookNotifier(notifyUrl, appName);
}

/** The account of each app, by its token. */
export function accountsOf(apps: readonly ActingSettings[]): readonly HerokuAccount[] {
  const keys = apps.map(({ access }) => ('token' in access ? `${access.apiUrl} ${access.token}` : ''));
  const accounts = new Map(
    [...new Set(keys)].map((key) => [key, new HerokuAccount(keys.filter((each) => each === key).length)]),
  );
  return keys.map((key) => accounts.get(key) ?? new HerokuAccount());
}

/** Only the platform in use is loaded. */
async function formationOf(access: Access, account = new HerokuAccount()): Promise<Formation> {
  switch (access.platform) {
    case 'heroku': {
      const { herokuFormation } = await import('../adapters/heroku/formation.ts');
      const { appName, token, apiUrl } = access;
      return herokuFormation({ appName, token, baseUrl: apiUrl, account });
    }
    case 'kubernetes': {
      const { kubernetesFormation } = await import('../adapters/kubernetes/formation.ts');
      return kubernetesFormation(await targetsOf(access));
    }
    case 'keda': {
      const { publishedFormation } = await import('../adapters/kubernetes/published-formation.ts');
      return publishedFormation(await targetsOf(access));
    }
    default:
      return access satisfies never;
  }
}

/** Where a cluster is and what is scaled there, as its adapter takes it. */
export async function targetsOf({ cluster, namespace, targets }: KubernetesAccess): Promise<TargetOptions> {
  const { kubeconfig, serviceAccount } = await import('../adapters/kubernetes/credentials.ts');
  const credentials =
    'kubeconfig' in cluster ? kubeconfig(cluster.kubeconfig) : serviceAccount(cluster.server);
  return { credentials, namespace, targets };
}

function connectTo({ url, variable, tlsVerify }: RedisAddress): RedisConnection {
  return connectRedis(url, { tlsVerify, variable });
}

/** The journal in Redis. Loaded here because its schemas are our slowest module to load, and `plan` does without. */
export async function storedJournal(
  connection: RedisConnection,
  keys: ReturnType<typeof stateKeys>,
): Promise<Journal> {
  return (await import('../adapters/redis/journal.ts')).redisJournal(connection, keys);
}
