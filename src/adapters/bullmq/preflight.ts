import type { Redis } from 'ioredis';

import { redisFailure, replyIdOf } from '../redis/redis-failure.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { queueBase } from './queue-keys.ts';
import { cleanText } from './queue-names.ts';
import { queueNodes } from './queue-reader.ts';

/** What `drover check` reports about reading from this Redis. */
export type ReadingPreflight = {
  /** The server's own name and version, such as `redis` and `7.2.4`; null if it does not report them. */
  readonly server: { readonly flavour: string; readonly version: string } | null;
  /** `script`: one round trip per reading. `plain`: up to four. */
  readonly mode: 'script' | 'plain';
  /** Rights the user lacks, the required ones first. */
  readonly missing: readonly MissingRight[];
};

export type MissingRight = {
  /** The ACL rule that grants it, such as `+llen`. */
  readonly rule: string;
  /** Whether nothing can be read without it. */
  readonly needed: boolean;
  /** What does not work without it, in one sentence. */
  readonly lost: string;
};

type Probe = { readonly command: readonly string[]; readonly needed?: true; readonly lost: string };

/** Never a queue's name, as BullMQ allows no colon in names: the probes test rights and read no data. */
const NO_QUEUE = 'drover:check';

const NOTHING_WORKS = 'Queues cannot be read at all.';
const AGE = 'The waiting time of the oldest job is unknown.';
const HOLDERS = 'Busy workers and orphaned active jobs are unknown.';
const LIMITS = 'A closed rate limiter is not detected, so workers may be started that stay idle.';
const SCRIPT = 'A reading takes up to four round trips instead of one.';
const SEARCH = 'A * in QUEUES matches nothing, and a mistyped queue name gets no suggestions.';

function probes(prefix: string): Probe[] {
  const key = (suffix: string): string => queueBase(prefix, NO_QUEUE) + suffix;
  return [
    { command: ['LLEN', key('wait')], needed: true, lost: NOTHING_WORKS },
    { command: ['ZCARD', key('delayed')], needed: true, lost: NOTHING_WORKS },
    { command: ['ZCOUNT', key('delayed'), '0', '0'], needed: true, lost: NOTHING_WORKS },
    { command: ['GET', key('id')], needed: true, lost: NOTHING_WORKS },
    { command: ['HMGET', key('meta'), 'paused'], needed: true, lost: NOTHING_WORKS },
    { command: ['EXISTS', key('meta')], needed: true, lost: NOTHING_WORKS },
    { command: ['EVAL_RO', 'return 1', '0'], lost: SCRIPT },
    { command: ['EVALSHA_RO', '0'.repeat(40), '0'], lost: SCRIPT },
    { command: ['LINDEX', key('wait'), '-1'], lost: AGE },
    { command: ['ZRANGE', key('delayed'), '0', '0'], lost: AGE },
    { command: ['ZRANGEBYSCORE', key('prioritized'), '0', '0'], lost: AGE },
    { command: ['HSTRLEN', key('0'), 'opts'], lost: AGE },
    { command: ['LRANGE', key('active'), '0', '0'], lost: HOLDERS },
    { command: ['MGET', key('0:lock')], lost: HOLDERS },
    { command: ['HGET', key('0'), 'pb'], lost: HOLDERS },
    { command: ['PTTL', key('limiter')], lost: LIMITS },
    { command: ['SCAN', '0', 'COUNT', '1'], lost: SEARCH },
  ];
}

/** Tries every command that reading uses, on a key that does not exist. Throws a Failure if Redis does not answer. */
export async function preflightReading(
  connection: RedisConnection,
  prefix: string,
  signal: AbortSignal,
): Promise<ReadingPreflight> {
  return await connection.use(signal, async (client) => {
    const node = queueNodes(client).masters[0];
    if (!node) throw redisFailure(new Error('a cluster without a master'));
    const tried = probes(prefix);
    const pipeline = node.pipeline();
    for (const { command } of tried) pipeline.call(...(command as [string, ...string[]]));
    const replies = (await pipeline.exec()) ?? [];
    const refused = tried.filter((_, index) => replyIdOf(replies[index]?.[0]) === 'NOPERM');
    // Redis 6 has no EVAL_RO and replies with another error than for a missing right.
    const runsScripts = tried.every(
      ({ lost }, index) =>
        lost !== SCRIPT || [undefined, 'NOSCRIPT'].includes(replyIdOf(replies[index]?.[0])),
    );
    return {
      server: await serverOf(node),
      mode: runsScripts ? 'script' : 'plain',
      missing: refused.map(({ command, needed, lost }) => ({
        rule: `+${command[0]?.toLowerCase()}`,
        needed: needed === true,
        lost,
      })),
    };
  });
}

/** HELLO needs no right and changes nothing without an argument. Redis 6.0 requires one, so its version stays unknown. */
async function serverOf(node: Redis): Promise<ReadingPreflight['server']> {
  const hello: unknown = await node.call('HELLO').catch(() => null);
  if (!Array.isArray(hello)) return null;
  const field = (name: string): string => cleanText(String(hello[hello.indexOf(name) + 1]));
  return { flavour: field('server'), version: field('version') };
}
