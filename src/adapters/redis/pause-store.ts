import * as v from 'valibot';

import { Failure } from '../../failure.ts';
import type { PauseStore } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import type { stateKeys } from './keys.ts';
import { replyIdOf } from './redis-failure.ts';

/** A pause that nobody ended for a year has been forgotten. */
const LONGEST_MS = 365 * 24 * 3_600_000;
/** Between the clock of the machine that asked for a pause and ours. */
const MOST_SKEW_MS = 24 * 3_600_000;

const AUTHORS: ReadonlySet<string> = new Set(['the command line', 'the dashboard']);
const PAUSE = v.object({
  until: v.optional(v.number()),
  // It goes to logs and terminals, and anyone who may write to the key may choose it.
  by: v.pipe(
    v.string(),
    v.transform((by) => (AUTHORS.has(by) ? by : 'an unknown client')),
  ),
});

/** One Redis string, which is there as long as the pause lasts. */
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
      // Longer than anyone can ask for: none of ours.
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

/** A key of another type is no pause of ours, and says no more than a text that cannot be read. */
function unreadable(thrown: unknown): string {
  if (replyIdOf(thrown) === 'WRONGTYPE') return '';
  throw thrown;
}

/** Somebody asked for something, and what is not known: no reason to act. */
function parsePause(text: string): v.InferOutput<typeof PAUSE> {
  try {
    return v.parse(PAUSE, JSON.parse(text));
  } catch {
    throw new Failure(
      'REDIS_REPLY',
      'what is kept about a pause is not readable',
      'Say again what is meant: drover pause, or drover resume.',
    );
  }
}
