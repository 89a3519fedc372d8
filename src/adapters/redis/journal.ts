import type { Cluster, Redis } from 'ioredis';
import * as v from 'valibot';

import type { Entry } from '../../journal/entry.ts';
import { HOUR_MS, hourAt, mergeHistory, packHour, unpackHour, within } from '../../journal/hour.ts';
import { MINUTE_MS, minuteAt, NO_HISTORY, rollUp, type History } from '../../journal/minute.ts';
import type { Journal } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import { STATE_EXPIRY_MS, type stateKeys } from './keys.ts';
import { ENTRY, HOUR, KEPT } from './journal-shape.ts';
import { compress, decompress, decompressAll } from './compression.ts';

const VERSION = 1;
/** Two hours at a tick every ten seconds. */
const MOST_ENTRIES = 720;
const FEW_ENTRIES = 30;
/** Ticks that come before their slots: in two minutes one in five seconds, or one a slot. */
const MOST_EARLY_TICKS = 24;
const FEW_MORE = 4;
/** The only field of a stream entry; its value is the whole entry, compressed. */
const FIELD = 'e';
/** Hours per request: a reply of at most a megabyte. */
const HOURS_A_READ = 100;
const LONGEST_HISTORY_MS = STATE_EXPIRY_MS;

type Client = Redis | Cluster;

const KEPT_ENTRY = v.object({ version: v.literal(VERSION), entry: ENTRY });
const KEPT_STATUS = v.object({ version: v.literal(VERSION), kept: KEPT });

/**
 * The last ticks in a capped stream, the status in a string, and the history in one string per hour, which has its
 * minutes as compressed columns and an expiry.
 */
export function redisJournal(connection: RedisConnection, keys: ReturnType<typeof stateKeys>): Journal {
  let lastAt: number | undefined;

  return {
    load: async (signal) =>
      await connection.use(signal, async (client) => {
        const bytes = await client.getBuffer(keys.status);
        return decompress(bytes, KEPT_STATUS)?.kept;
      }),

    record: async (entry, kept, signal) =>
      await connection.use(signal, async (client) => {
        const pipeline = client
          .pipeline()
          .xadd(keys.ticks, 'MAXLEN', '~', MOST_ENTRIES, '*', FIELD, compress({ version: VERSION, entry }))
          .pexpire(keys.ticks, STATE_EXPIRY_MS)
          .set(keys.status, compress({ version: VERSION, kept }), 'PX', STATE_EXPIRY_MS);
        for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
        // A minute is complete once the next one has a tick; the first tick after a start checks as well.
        if (lastAt === undefined || minuteAt(lastAt) !== minuteAt(entry.at)) {
          const slots = Math.ceil((2 * MINUTE_MS) / entry.tickMs);
          const enough = slots + Math.max(slots, MOST_EARLY_TICKS) + FEW_MORE;
          await keepMinutes(client, keys, rollUp(await readEntries(client, keys.ticks, enough)), entry.at);
        }
        lastAt = entry.at;
      }),

    entries: async (most, signal) =>
      await connection.use(signal, async (client) => await readEntries(client, keys.ticks, most)),

    history: async (from, to, signal) =>
      await connection.use(signal, async (client) => {
        const start = hourAt(Math.max(from, to - LONGEST_HISTORY_MS));
        const hours: number[] = [];
        for (let hour = start; hour <= to; hour += HOUR_MS) hours.push(hour);
        let history = NO_HISTORY;
        for (let i = 0; i < hours.length; i += HOURS_A_READ) {
          history = joined(history, await readHours(client, keys, hours.slice(i, i + HOURS_A_READ)));
        }
        // Minutes that are not complete yet are only in the stream.
        const since = history.minutes.at(-1)?.at ?? 0;
        const latest = rollUp(await entriesSince(client, keys.ticks, since));
        return within(mergeHistory(history, within(latest, since, Infinity)), from, to + 1);
      }),
  };
}

/** Saves the minutes before the one of `now`. */
async function keepMinutes(
  client: Client,
  keys: ReturnType<typeof stateKeys>,
  rolled: History,
  now: number,
): Promise<void> {
  const over = within(rolled, 0, minuteAt(now));
  const hours = [...new Set(over.minutes.map(({ at }) => hourAt(at)))];
  for (const hour of hours) {
    const known = await readHours(client, keys, [hour]);
    const merged = mergeHistory(known, within(over, hour, hour + HOUR_MS));
    await client.set(keys.hour(hour), compress(packHour(hour, merged)), 'PX', STATE_EXPIRY_MS);
  }
}

async function readHours(
  client: Client,
  keys: ReturnType<typeof stateKeys>,
  hours: readonly number[],
): Promise<History> {
  const values = await client.mgetBuffer(hours.map((hour) => keys.hour(hour)));
  // Newest first: what exceeds the limit is missing at the old end.
  const unpackedHours = decompressAll(values.toReversed(), HOUR).toReversed();
  const histories = hours.flatMap((startsAt, index) => {
    const hour = unpackedHours[index];
    return hour ? [unpackHour(startsAt, hour)] : [];
  });
  return histories.reduce(joined, NO_HISTORY);
}

function joined(a: History, b: History): History {
  return {
    minutes: [...a.minutes, ...b.minutes],
    changes: [...a.changes, ...b.changes],
    bursts: [...a.bursts, ...b.bursts],
  };
}

/** The entries since a time, and some before it. A few are usually enough; otherwise all are read. */
async function entriesSince(client: Client, key: string, since: number): Promise<Entry[]> {
  const few = await readEntries(client, key, FEW_ENTRIES);
  const reach = (few[0]?.at ?? 0) < since || few.length < FEW_ENTRIES;
  return reach ? few : await readEntries(client, key, MOST_ENTRIES);
}

async function readEntries(client: Client, key: string, most: number): Promise<Entry[]> {
  const rows = await client.xrevrangeBuffer(key, '+', '-', 'COUNT', most);
  const kept = decompressAll(
    rows.map(([, fields]) => fields[1]),
    KEPT_ENTRY,
  );
  const entries = kept.flatMap((each) => each?.entry ?? []);
  // By the entry's time, not the stream's: that is the time of Redis.
  return entries.toSorted((a, b) => a.at - b.at);
}
