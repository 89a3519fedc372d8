import { setMaxListeners } from 'node:events';

import { Cluster, Redis, type RedisOptions } from 'ioredis';

import { parseRedisUrl, type RedisTarget } from '../../config/redis-url.ts';
import { Failure } from '../../failure.ts';
import { isOfSelect, redisFailure, sentinelRefusal, timeoutFailure } from './redis-failure.ts';

export type ConnectOptions = {
  /** Whether to verify the server's certificate; REDIS_TLS_VERIFY. */
  readonly tlsVerify: boolean;
  /** The setting that holds the URL, for remedies; REDIS_URL by default. */
  readonly variable?: string;
  /** A connection that takes longer to open has failed. */
  readonly connectTimeoutMs?: number;
  /** A socket with an outstanding reply is closed after so long without data. */
  readonly answerTimeoutMs?: number;
};

/** One connection to one Redis (on a cluster: one to each master), reopened until `close` is called. */
export type RedisConnection = {
  readonly client: Redis | Cluster;
  /**
   * Runs commands once the connection is open. Throws a Failure if it cannot be opened or Redis replies with an error,
   * and the signal's reason if it aborts first. No command is sent twice.
   */
  use<T>(signal: AbortSignal, work: (client: Redis | Cluster) => Promise<T>): Promise<T>;
  /** Closes the connection at once. */
  close(): void;
};

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 30_000;
const RETRY_FIRST_MS = 100;
const RETRY_LONGEST_MS = 2_000;

/** Connects on first use. Throws a TypeError for a URL that `parseRedisUrl` does not accept. */
export function connectRedis(url: string, options: ConnectOptions): RedisConnection {
  return connectionOver(clientFor(parseRedisUrl(url), options), options);
}

/** The connection of a client that was created with `lazyConnect`. */
export function connectionOver(client: Redis | Cluster, options: ConnectOptions): RedisConnection {
  const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  let lastError: unknown;
  /** Why the sentinels refused the connection: the error that follows says less. */
  let refusal: Failure | undefined;
  // The client continues with database 0 if SELECT is refused, and would read the wrong queues.
  let wrongDatabase: unknown;
  // Each process type waits for the connection and listens to its tick's signal: from eleven on Node would warn of a leak.
  client.setMaxListeners(0);
  client.on('connect', () => {
    wrongDatabase = undefined;
  });
  client.on('error', (error: unknown) => {
    lastError = error;
    if (isOfSelect(error)) wrongDatabase = error;
  });
  client.on('sentinelError', (error: unknown) => {
    refusal = sentinelRefusal(error) ?? refusal;
  });
  client.on('ready', () => {
    lastError = wrongDatabase;
    refusal = undefined;
  });

  const up = async (): Promise<void> => {
    if (client.status === 'ready') return;
    // Rejects at the first attempt that fails: a command must not hang on a dead host.
    const settled = new Promise<void>((resolve, reject) => {
      // Unreferenced: the caller may have given up, and a process that is done must not wait for this.
      const timer = setTimeout(
        () => finish(refusal ?? lastError ?? timeoutFailure()),
        connectTimeoutMs,
      ).unref();
      const finish = (error?: unknown): void => {
        clearTimeout(timer);
        client.off('ready', finish).off('close', onClose);
        if (error === undefined) resolve();
        else reject(redisFailure(error, options.variable));
      };
      const onClose = (): void => finish(lastError ?? new Error('closed'));
      client.once('ready', finish).once('close', onClose);
    });
    // `connect` rejects as well, with a vaguer error than the event has.
    if (['wait', 'end'].includes(client.status)) client.connect().catch(() => {});
    await settled;
  };

  return {
    client,
    async use(signal, work) {
      return await untilAborted(signal, async () => {
        await up();
        if (wrongDatabase !== undefined) {
          client.disconnect(true);
          throw redisFailure(wrongDatabase, options.variable);
        }
        try {
          return await work(client);
        } catch (thrown) {
          const failure = redisFailure(
            thrown instanceof Failure ? thrown : (connectionLoss(thrown, lastError) ?? thrown),
            options.variable,
          );
          // After a failover by DNS only a new connection reaches the new master.
          if (failure.code === 'REDIS_READONLY') client.disconnect(true);
          throw failure;
        }
      });
    },
    close() {
      client.disconnect();
    },
  };
}

function clientFor(target: RedisTarget, options: ConnectOptions): Redis | Cluster {
  const common = {
    ...accessOptions(target, options.tlsVerify),
    lazyConnect: true,
    keepAlive: KEEP_ALIVE_MS,
    connectTimeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    socketTimeout: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
    // A failed tick is over and the next one starts again, so the client must not queue, retry or resend commands.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A socket that is closed already emits no event, and the client would wait for it this long at exit.
    disconnectTimeout: 100,
    // Both need rights (INFO, CLIENT) that reading does not.
    enableReadyCheck: false,
    disableClientInfo: true,
  } as const;
  const [first] = target.nodes;
  switch (target.kind) {
    case 'single':
      return new Redis({ ...common, ...first, db: target.db, retryStrategy: backoffMs });
    case 'sentinel':
      return new Redis({
        ...common,
        db: target.db,
        sentinels: target.nodes.map((node) => ({ ...node })),
        name: target.masterName ?? '',
        ...(target.sentinelUsername === undefined ? {} : { sentinelUsername: target.sentinelUsername }),
        ...(target.sentinelPassword === undefined ? {} : { sentinelPassword: target.sentinelPassword }),
        retryStrategy: backoffMs,
        sentinelRetryStrategy: backoffMs,
        ...(target.tls
          ? { enableTLSForSentinelMode: true, sentinelTLS: { rejectUnauthorized: options.tlsVerify } }
          : {}),
      });
    case 'cluster': {
      const { lazyConnect, enableOfflineQueue: _, ...redisOptions } = common;
      return new Cluster(
        target.nodes.map((node) => ({ ...node })),
        { lazyConnect, enableReadyCheck: false, clusterRetryStrategy: backoffMs, redisOptions },
      );
    }
    default:
      return target.kind satisfies never;
  }
}

function accessOptions(
  target: RedisTarget,
  tlsVerify: boolean,
): Pick<RedisOptions, 'username' | 'password' | 'tls'> {
  return {
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls ? { tls: { rejectUnauthorized: tlsVerify } } : {}),
  };
}

/** Never gives up, as the clock keeps running; the jitter keeps many clients from reconnecting at once. */
function backoffMs(attempt: number): number {
  const longest = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** (attempt - 1));
  return longest * (0.5 + Math.random() / 2);
}

/** A command that was cut off reports only that; the connection's own error has the cause. */
function connectionLoss(thrown: unknown, lastError: unknown): unknown {
  const answered = thrown instanceof Error && thrown.name === 'ReplyError';
  return answered ? undefined : lastError;
}

/** The result of the work; throws the signal's reason as soon as it aborts, and then ignores the result. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  setMaxListeners(0, signal);
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = (): void => reject(signal.reason);
  });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
