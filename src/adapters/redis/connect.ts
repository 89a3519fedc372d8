import { Cluster, Redis, type RedisOptions } from 'ioredis';

import { parseRedisUrl, type RedisTarget } from '../../config/redis-url.ts';
import { Failure } from '../../failure.ts';
import { isOfSelect, redisFailure, sentinelRefusal, timeoutFailure } from './redis-failure.ts';

export type ConnectOptions = {
  /** Whether a certificate has to be signed by somebody known; REDIS_TLS_VERIFY. */
  readonly tlsVerify: boolean;
  /** The variable that the URL is from, for remedies; REDIS_URL where it is not told. */
  readonly variable?: string;
  /** A connection that is not up after so long has failed. */
  readonly connectTimeoutMs?: number;
  /** A socket on which an answer is awaited and nothing comes for so long is given up. */
  readonly answerTimeoutMs?: number;
};

/** One connection to one Redis (on a cluster: one to each master), kept up until it is closed. */
export type RedisConnection = {
  readonly client: Redis | Cluster;
  /**
   * Runs commands once the connection is up. Throws a Failure: why it is not up, what Redis answered, or that the
   * signal came first. Nothing is sent twice.
   */
  use<T>(signal: AbortSignal, work: (client: Redis | Cluster) => Promise<T>): Promise<T>;
  /** Ends the connection at once. */
  close(): void;
};

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 30_000;
const RETRY_FIRST_MS = 100;
const RETRY_LONGEST_MS = 2_000;

/** Connects on first use. The URL's forms are those of `parseRedisUrl`, which throws a TypeError for any other. */
export function connectRedis(url: string, options: ConnectOptions): RedisConnection {
  return connectionOver(clientFor(parseRedisUrl(url), options), options);
}

/** The connection of a client that was made with `lazyConnect`. */
export function connectionOver(client: Redis | Cluster, options: ConnectOptions): RedisConnection {
  const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  let lastError: unknown;
  /** Says more than the error that follows it: that no sentinel could be asked. */
  let refusal: Failure | undefined;
  // The client goes on with database 0 where SELECT is refused, and would read other queues than those it was told.
  let wrongDatabase: unknown;
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
    // Resolves when it is up, rejects at the first attempt that fails: a command must not hang on a dead host.
    const settled = new Promise<void>((resolve, reject) => {
      // Unreferenced: whoever waits here may have gone, and a process that is done must not wait for this.
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
    // `connect` rejects as well, with a vaguer error than the event: one of the two is enough.
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
          // After a failover by DNS the name leads to another server, and only a new connection finds it.
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
    // A tick that failed is over: the next one asks again, so nothing is queued, repeated or resent behind its back.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A socket that is closed already never says so again, and would hold up the end of the process for so long.
    disconnectTimeout: 100,
    // Both would need rights (INFO, CLIENT) that reading does not.
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

/** The part of ioredis's options that the target alone decides. */
function accessOptions(
  target: RedisTarget,
  tlsVerify: boolean,
): Pick<RedisOptions, 'username' | 'password' | 'tls'> {
  return {
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    // Heroku's Key-Value Store presents a chain it signed itself.
    ...(target.tls ? { tls: { rejectUnauthorized: tlsVerify } } : {}),
  };
}

/** Attempts never end, as the clock lives on; the jitter keeps many clients from coming back at once. */
function backoffMs(attempt: number): number {
  const longest = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** (attempt - 1));
  return longest * (0.5 + Math.random() / 2);
}

/** A command cut off with its connection says only that; the connection's own error says why. */
function connectionLoss(thrown: unknown, lastError: unknown): unknown {
  const answered = thrown instanceof Error && thrown.name === 'ReplyError';
  return answered ? undefined : lastError;
}

/** The work's outcome, or the signal's reason as soon as it aborts; what is under way is then left to end unheard. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
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
