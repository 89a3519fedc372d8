import type { Redis } from 'ioredis';

import { redisFailure, replyIdOf } from '../redis/redis-failure.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { cleanText } from './clean-text.ts';
import { queueBase } from './queue-keys.ts';
import { queueNodes } from './queue-nodes.ts';

/** What reading finds out about its Redis before it starts, for `drover check`. */
export type ReadingPreflight = {
  /** As the server names itself, such as `redis` and `7.2.4`; null: it does not say. */
  readonly server: { readonly flavour: string; readonly version: string } | null;
  /** `script`: one round trip a reading. `plain`: up to four. */
  readonly mode: 'script' | 'plain';
  /** Rights the user lacks, the needed ones first. */
  readonly missing: readonly MissingRight[];
};

export type MissingRight = {
  /** As an ACL rule names it, such as `+llen`. */
  readonly rule: string;
  /** Without it nothing can be read; else see `lost`. */
  readonly needed: boolean;
  /** What does not work without it, one sentence. */
  readonly lost: string;
};

type Probe = { readonly command: readonly string[]; readonly needed?: true; readonly lost: string };

/** No queue is called so, as BullMQ allows no colon in a name: nothing is read here but the right to read. */
const NO_QUEUE = 'drover:check';

const NOTHING_WORKS = 'Queues cannot be read at all.';
const AGE = 'It is not known since when the oldest job waits.';
const HOLDERS = 'It is not known which dynos are busy, nor which active jobs have lost their worker.';
const LIMITS = 'A closed rate limiter is not seen, so dynos may be started that it leaves idle.';
const SCRIPT = 'A reading takes up to four round trips instead of one.';
const SEARCH = 'A * in QUEUES finds nothing, and a mistyped name is not told what it may stand for.';

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

/** Tries every command that reading uses, on a key that does not exist. Throws a Failure where Redis does not answer. */
export async function preflightReading(
  connection: RedisConnection,
  prefix: string,
  signal: AbortSignal,
): Promise<ReadingPreflight> {
  return await connection.use(signal, async (client) => {
    const node = queueNodes(client).masters[0];
    if (!node) throw redisFailure(new Error('a cluster without a master'));
    const asked = probes(prefix);
    const pipeline = node.pipeline();
    for (const { command } of asked) pipeline.call(...(command as [string, ...string[]]));
    const replies = (await pipeline.exec()) ?? [];
    const refused = asked.filter((_, index) => replyIdOf(replies[index]?.[0]) === 'NOPERM');
    // Before Redis 7 there is no such command, which is another error than a right that is lacking.
    const runs = asked.every(
      ({ lost }, index) =>
        lost !== SCRIPT || [undefined, 'NOSCRIPT'].includes(replyIdOf(replies[index]?.[0])),
    );
    return {
      server: await serverOf(node),
      mode: runs ? 'script' : 'plain',
      missing: refused.map(({ command, needed, lost }) => ({
        rule: `+${command[0]?.toLowerCase()}`,
        needed: needed === true,
        lost,
      })),
    };
  });
}

/** HELLO needs no right, and without an argument changes nothing. Redis 6.0 wants one, and so stays unknown. */
async function serverOf(node: Redis): Promise<ReadingPreflight['server']> {
  const hello: unknown = await node.call('HELLO').catch(() => null);
  if (!Array.isArray(hello)) return null;
  const field = (name: string): string => cleanText(String(hello[hello.indexOf(name) + 1]));
  return { flavour: field('server'), version: field('version') };
}
