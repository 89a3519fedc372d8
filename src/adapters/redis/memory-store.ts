import * as v from 'valibot';

import type { MemoryStore, Remembered } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import { STATE_EXPIRY_MS, type stateKeys } from './keys.ts';
import { MEMORY } from './memory-shape.ts';

/** Raised when what is kept changes its shape: what another version kept is then left aside. */
const VERSION = 1;
/** More than any memory of ours comes to; whoever wrote that much, it was not us. */
const LONGEST = 1_000_000;

const COUNT = v.pipe(v.number(), v.integer(), v.minValue(0));

const KEPT = v.object({
  version: v.literal(VERSION),
  // Opaque to whoever keeps it, but `decide` must never meet anything that it would not have written.
  memory: MEMORY,
  standing: v.object({
    quantity: v.optional(COUNT),
    asked: v.optional(COUNT),
    heldUntil: v.optional(v.number()),
    handsOff: v.optional(v.boolean()),
    limit: v.optional(v.object({ count: COUNT, until: v.number() })),
    raised: v.optional(v.object({ above: COUNT, at: v.number() })),
    concurrency: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    bootMs: v.optional(v.pipe(v.number(), v.minValue(0))),
  }),
});

/** One Redis string per process type, JSON with a version and an expiry. */
export function redisMemoryStore(
  connection: RedisConnection,
  keys: ReturnType<typeof stateKeys>,
  onDiscarded: (processType: string) => void,
): MemoryStore {
  return {
    load: async (processTypes, signal) => {
      const names = processTypes.map((processType) => keys.memory(processType));
      const texts = await connection.use(signal, async (client) => await client.mget(names));
      const found = new Map<string, Remembered>();
      processTypes.forEach((processType, index) => {
        const text = texts[index];
        if (text === null || text === undefined) return;
        const kept = parseKept(text);
        if (kept) found.set(processType, kept);
        else onDiscarded(processType);
      });
      return found;
    },
    save: async (remembered, signal) => {
      await connection.use(signal, async (client) => {
        const pipeline = client.pipeline();
        for (const [processType, kept] of remembered) {
          pipeline.set(
            keys.memory(processType),
            JSON.stringify({ version: VERSION, ...kept }),
            'PX',
            STATE_EXPIRY_MS,
          );
        }
        for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
      });
    },
  };
}

/** What was kept, or undefined for anything we would not have written. */
export function parseKept(text: string): Remembered | undefined {
  if (text.length > LONGEST) return undefined;
  try {
    const { memory, standing } = v.parse(KEPT, JSON.parse(text));
    return { memory, standing };
  } catch {
    return undefined;
  }
}
