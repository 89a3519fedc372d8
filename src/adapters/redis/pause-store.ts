import * as v from 'valibot';

import { Failure } from '../../failure.ts';
import type { PauseStore } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import type { stateKeys } from './keys.ts';
import { replyIdOf } from './redis-failure.ts';

/** A pause that no one has ended within a year expires. */
const LONGEST_MS = 365 * 24 * 3_600_000;
/** Between this machine's clock and the clock of the machine that requested the pause. */
const MOST_SKEW_MS = 24 * 3_600_000;

const AUTHORS: ReadonlySet<string> = new Set(['the command line', 'the dashboard']);
const PAUSE = v.object({
  until: v.optional(v.number()),
  // It appears in logs and on terminals, and anyone who may write the key can choose it.
  by: v.pipe(
    v.string(),
    v.transform((by) => (AUTHORS.has(by) ? by : 'an unknown client')),
  ),
});

/** One Redis string, which exists as long as the pause lasts. */
export function redisPauseStore(connection: RedisConnection, keys: ReturnType<typeof stateKeys>): PauseStore {
  return {
    read: async (at, signal) => {
      const text = await connection.use(
        signal,
        async (client) => await client.get(keys.pause).catch(unreadable),
      );
      if (text === null) return undefined;
      const pause = parsePause(text);
      const { until = at + 1 } = pause;
      // Longer than any pause that can be requested: another client wrote it.
      return until <= at || until > at + LONGEST_MS + MOST_SKEW_MS ? undefined : pause;
    },
    set: async (pause, at, signal) => {
      const forMs = Math.max(1, Math.ceil((pause.until ?? at + LONGEST_MS) - at));
      await connection.use(
        signal,
        async (client) => await client.set(keys.pause, JSON.stringify(pause), 'PX', forMs),
      );
    },
    clear: async (signal) => {
      await connection.use(signal, async (client) => await client.del(keys.pause));
    },
  };
}

/** A key of another type is treated like a text that cannot be parsed. */
function unreadable(thrown: unknown): string {
  if (replyIdOf(thrown) === 'WRONGTYPE') return '';
  throw thrown;
}

/** Throws for an unreadable pause: someone requested one, so acting is not safe. */
function parsePause(text: string): v.InferOutput<typeof PAUSE> {
  try {
    return v.parse(PAUSE, JSON.parse(text));
  } catch {
    throw new Failure(
      'REDIS_REPLY',
      'the saved pause is unreadable',
      'Run `drover pause` or `drover resume` again.',
    );
  }
}
