import { Failure, type FailureCode } from '../../failure.ts';

/** The remedy may name the setting that holds the URL. */
type ReplyText = readonly [
  code: FailureCode,
  message: string,
  remedy: string | ((variable: string) => string),
];

/** By the first word of an error reply, which is stable; the rest of the line is free text. */
const REPLIES: ReadonlyMap<string, ReplyText> = new Map([
  [
    'NOAUTH',
    [
      'REDIS_AUTH',
      'Redis requires a password',
      (variable) => `Add it to ${variable}: redis://user:password@host:port.`,
    ],
  ],
  [
    'WRONGPASS',
    ['REDIS_AUTH', 'Redis rejected the user name or the password', (variable) => `Correct ${variable}.`],
  ],
  [
    'NOPERM',
    [
      'REDIS_NOPERM',
      'the Redis user lacks a right',
      'Grant the missing right: `drover check` names it, docs/redis.md has the ACL line.',
    ],
  ],
  [
    'LOADING',
    ['REDIS_LOADING', 'Redis is still loading its data', 'Nothing to do: wait until it has loaded.'],
  ],
  [
    'MASTERDOWN',
    [
      'REDIS_LOADING',
      'this Redis is a replica that lost its master',
      (variable) => `Nothing to do during a failover; otherwise point ${variable} to the master.`,
    ],
  ],
  [
    'BUSY',
    [
      'REDIS_LOADING',
      'a script of another client is blocking Redis',
      'End it with SCRIPT KILL; SLOWLOG shows which script it was.',
    ],
  ],
  [
    'READONLY',
    ['REDIS_READONLY', 'this Redis is a read-only replica', (variable) => `Point ${variable} to the master.`],
  ],
  [
    'OOM',
    [
      'REDIS_OOM',
      'Redis has reached maxmemory and refuses writes',
      'Raise maxmemory or remove finished jobs (removeOnComplete).',
    ],
  ],
  [
    'MOVED',
    ['REDIS_REPLY', 'this Redis is a node of a cluster', (variable) => `Add ?cluster=true to ${variable}.`],
  ],
  [
    'CLUSTERDOWN',
    [
      'REDIS_UNREACHABLE',
      'the Redis cluster is down',
      'Nothing to do during a failover; otherwise check CLUSTER INFO.',
    ],
  ],
] as const satisfies readonly (readonly [string, ReplyText])[]);

const TLS_CODES: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/**
 * An error of ioredis as a Failure. `variable` is the setting that holds the URL. The error's own message is never passed
 * on: it may contain arguments of the command.
 */
export function redisFailure(thrown: unknown, variable = 'REDIS_URL'): Failure {
  if (thrown instanceof Failure) return thrown;
  const id = replyIdOf(thrown);
  if (id !== undefined) return replyFailure(id, thrown, variable);
  const code = systemCodeOf(thrown);
  if (code !== undefined && TLS_CODES.has(code)) {
    return new Failure(
      'REDIS_UNREACHABLE',
      `the certificate of Redis could not be verified (${code})`,
      'If Redis signs its own certificate, as on Heroku, set REDIS_TLS_VERIFY=false.',
    );
  }
  if (code === 'ETIMEDOUT') return timeoutFailure();
  return new Failure(
    'REDIS_UNREACHABLE',
    `Redis cannot be reached${code === undefined ? '' : ` (${code})`}`,
    `Check the host, port and scheme in ${variable} (rediss:// if Redis requires TLS).`,
  );
}

/** Why a sentinel refused the connection, or undefined for any other error. */
export function sentinelRefusal(thrown: unknown): Failure | undefined {
  // ioredis appends the sentinel's reply to a message of its own; the id in it is Redis's.
  const id = thrown instanceof Error && / because (NOAUTH|WRONGPASS|NOPERM)\b/.exec(thrown.message)?.[1];
  if (!id) return undefined;
  return id === 'NOPERM'
    ? new Failure(
        'REDIS_NOPERM',
        'the user of the sentinels lacks a right',
        'Grant it +sentinel|get-master-addr-by-name and +sentinel|sentinels.',
      )
    : new Failure(
        'REDIS_AUTH',
        'the sentinels rejected the user name or the password',
        'Sentinels have their own credentials: add &sentinelPassword=… (and &sentinelUsername=…) to REDIS_URL.',
      );
}

export function timeoutFailure(): Failure {
  return new Failure(
    'REDIS_TIMEOUT',
    'Redis did not reply in time',
    'Check its load (SLOWLOG, INFO) and the network; if Redis has never replied, check the scheme (rediss:// for TLS).',
  );
}

/** The id of an error reply (`WRONGTYPE`, `ERR`, …), or undefined for an error that is not a reply. */
export function replyIdOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || thrown.name !== 'ReplyError') return undefined;
  // Redis 6 puts the id of an error inside a script in the middle of the message.
  const inScript = /^ERR Error running script .*: -(READONLY|OOM|NOPERM|LOADING)\b/.exec(thrown.message);
  return inScript?.[1] ?? /^[A-Z]+/.exec(thrown.message)?.[0] ?? 'ERR';
}

/** Whether it is an error reply to SELECT, which the client sends for a database in the URL. */
export function isOfSelect(thrown: unknown): boolean {
  if (replyIdOf(thrown) === undefined) return false;
  const { command } = thrown as { command?: { name?: unknown } };
  return command?.name === 'select';
}

function replyFailure(id: string, thrown: unknown, variable: string): Failure {
  if (isOfSelect(thrown) && (id === 'ERR' || id === 'NOPERM')) {
    return new Failure(
      id === 'ERR' ? 'REDIS_REPLY' : 'REDIS_NOPERM',
      'Redis refused the database in the URL',
      `Correct the database number at the end of ${variable}, or grant the user +select.`,
    );
  }
  const text = REPLIES.get(id);
  if (text) {
    const [code, message, remedy] = text;
    return new Failure(code, message, typeof remedy === 'string' ? remedy : remedy(variable));
  }
  const unknown = unknownCommandOf(thrown);
  if (unknown !== undefined) {
    return new Failure(
      'REDIS_REPLY',
      `Redis does not know the command ${unknown}`,
      `Drover and BullMQ need Redis 6 or newer, or Valkey: upgrade it, or point ${variable} to another.`,
    );
  }
  // This and an unknown command are the only refusals without an id of their own.
  if (thrown instanceof Error && thrown.message.startsWith('ERR max number of clients')) {
    return new Failure(
      'REDIS_MAX_CLIENTS',
      'Redis accepts no more connections',
      'Upgrade the Redis plan or reduce the connections of your workers; Drover needs one.',
    );
  }
  return new Failure(
    'REDIS_REPLY',
    `Redis replied with the error ${id}`,
    'Run `drover check`, and report this error if it finds nothing.',
  );
}

/** The name of a command that Redis does not have: it is too old, or another server. */
function unknownCommandOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !thrown.message.startsWith('ERR unknown command')) return undefined;
  const { command } = thrown as { command?: { name?: unknown } };
  return typeof command?.name === 'string' && /^[a-z_]{1,20}$/i.test(command.name)
    ? command.name.toUpperCase()
    : undefined;
}

function systemCodeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined;
  return /^[A-Z][A-Z0-9_]*$/.test(thrown.code) ? thrown.code : undefined;
}
