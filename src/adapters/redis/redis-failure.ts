import { Failure, type FailureCode } from '../../failure.ts';

/** The remedy may name the variable that the URL is from. */
type Words = readonly [code: FailureCode, message: string, remedy: string | ((variable: string) => string)];

/** By the first word of an error reply, which Redis keeps stable; the rest of the line is free text. */
const REPLIES: ReadonlyMap<string, Words> = new Map([
  [
    'NOAUTH',
    [
      'REDIS_AUTH',
      'Redis wants a password',
      (variable) => `Put it into ${variable}: redis://user:password@host:port.`,
    ],
  ],
  [
    'WRONGPASS',
    ['REDIS_AUTH', 'Redis refused the user name or the password', (variable) => `Correct ${variable}.`],
  ],
  [
    'NOPERM',
    [
      'REDIS_NOPERM',
      'the Redis user lacks a right',
      'Grant it: docs/redis.md has the ACL line, `drover check` names the right.',
    ],
  ],
  [
    'LOADING',
    ['REDIS_LOADING', 'Redis is still loading its data', 'Nothing to do: it answers when it is done.'],
  ],
  [
    'MASTERDOWN',
    [
      'REDIS_LOADING',
      'this Redis is a replica that lost its master',
      (variable) => `Nothing to do during a failover; else point ${variable} at the master.`,
    ],
  ],
  [
    'BUSY',
    [
      'REDIS_LOADING',
      'Redis is busy with a script of another client',
      'Find the script with SLOWLOG; SCRIPT KILL ends it.',
    ],
  ],
  [
    'READONLY',
    ['REDIS_READONLY', 'this Redis is a read-only replica', (variable) => `Point ${variable} at the master.`],
  ],
  [
    'OOM',
    [
      'REDIS_OOM',
      'Redis has no memory left to write',
      'Raise maxmemory or delete finished jobs (removeOnComplete).',
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
      'Nothing to do during a failover; else look at CLUSTER INFO.',
    ],
  ],
] as const satisfies readonly (readonly [string, Words])[]);

const TLS_CODES: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** An error of ioredis as a Failure. `variable` is the setting that the URL is from. Its own message is never passed on: it may hold arguments of the command. */
export function redisFailure(thrown: unknown, variable = 'REDIS_URL'): Failure {
  if (thrown instanceof Failure) return thrown;
  const id = replyIdOf(thrown);
  if (id !== undefined) return replyFailure(id, thrown, variable);
  const code = systemCodeOf(thrown);
  if (code !== undefined && TLS_CODES.has(code)) {
    return new Failure(
      'REDIS_UNREACHABLE',
      `the certificate of Redis could not be verified (${code})`,
      'Where the chain is self-signed, as on Heroku, set REDIS_TLS_VERIFY=false.',
    );
  }
  if (code === 'ETIMEDOUT') return timeoutFailure();
  return new Failure(
    'REDIS_UNREACHABLE',
    `Redis cannot be reached${code === undefined ? '' : ` (${code})`}`,
    `Check the host, port and scheme in ${variable} (rediss:// where Redis wants TLS).`,
  );
}

/** What a sentinel said against us, or undefined where that was no refusal. */
export function sentinelRefusal(thrown: unknown): Failure | undefined {
  // The client hands on what the sentinel answered only as the end of a text of its own; the id in it is Redis's.
  const id = thrown instanceof Error && / because (NOAUTH|WRONGPASS|NOPERM)\b/.exec(thrown.message)?.[1];
  if (!id) return undefined;
  return id === 'NOPERM'
    ? new Failure(
        'REDIS_NOPERM',
        'the user at the sentinels lacks a right',
        'Grant it +sentinel|get-master-addr-by-name and +sentinel|sentinels.',
      )
    : new Failure(
        'REDIS_AUTH',
        'the sentinels refused the user name or the password',
        'They have their own: add &sentinelPassword=… (and &sentinelUsername=…) to REDIS_URL.',
      );
}

export function timeoutFailure(): Failure {
  return new Failure(
    'REDIS_TIMEOUT',
    'Redis did not answer in time',
    'Look at its load (SLOWLOG, INFO) and the network; before the first answer ever, at the scheme (rediss:// for TLS).',
  );
}

/** The id of an error reply (`WRONGTYPE`, `ERR`, …), or undefined when it was not Redis that answered. */
export function replyIdOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || thrown.name !== 'ReplyError') return undefined;
  // Before Redis 7 a script's error has the id of what failed in it in the middle of its text.
  const inScript = /^ERR Error running script .*: -(READONLY|OOM|NOPERM|LOADING)\b/.exec(thrown.message);
  return inScript?.[1] ?? /^[A-Z]+/.exec(thrown.message)?.[0] ?? 'ERR';
}

/** Whether it is what Redis answered to SELECT, which goes out with the database in the URL. */
export function isOfSelect(thrown: unknown): boolean {
  if (replyIdOf(thrown) === undefined) return false;
  const { command } = thrown as { command?: { name?: unknown } };
  return command?.name === 'select';
}

function replyFailure(id: string, thrown: unknown, variable: string): Failure {
  if (isOfSelect(thrown) && (id === 'ERR' || id === 'NOPERM')) {
    return new Failure(
      id === 'ERR' ? 'REDIS_REPLY' : 'REDIS_NOPERM',
      'Redis refused the database of the URL',
      `Correct the number at the end of ${variable}, or grant the user +select.`,
    );
  }
  const words = REPLIES.get(id);
  if (words) {
    const [code, message, remedy] = words;
    return new Failure(code, message, typeof remedy === 'string' ? remedy : remedy(variable));
  }
  // The one refusal that has no id of its own: Redis writes it before it knows the protocol.
  if (thrown instanceof Error && thrown.message.startsWith('ERR max number of clients')) {
    return new Failure(
      'REDIS_MAX_CLIENTS',
      'Redis accepts no more connections',
      'Raise the plan or lower the connections of your workers; Drover itself needs one.',
    );
  }
  return new Failure(
    'REDIS_REPLY',
    `Redis answered with the error ${id}`,
    'Run `drover check`, and report it if that finds nothing.',
  );
}

function systemCodeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined;
  return /^[A-Z][A-Z0-9_]*$/.test(thrown.code) ? thrown.code : undefined;
}
