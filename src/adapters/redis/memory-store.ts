import { z } from 'zod';

import type { Memory } from '../../core/memory.ts';
import type { MemoryStore, Remembered } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import { STATE_EXPIRY_MS, type stateKeys } from './keys.ts';

/** Raised when what is kept changes its shape: what another version kept is then left aside. */
const VERSION = 1;
/** More than any memory of ours comes to; whoever wrote that much, it was not us. */
const LONGEST = 1_000_000;

const KEPT = z.object({
  version: z.literal(VERSION),
  // Opaque here: `decide` knows its own memory, and checks its version.
  memory: z.looseObject({ version: z.literal(1) }),
  standing: z.object({
    quantity: z.int().min(0).optional(),
    asked: z.int().min(0).optional(),
    heldUntil: z.number().optional(),
    handsOff: z.boolean().optional(),
    limit: z.object({ count: z.int().min(0), until: z.number() }).optional(),
    raised: z.object({ above: z.int().min(0), at: z.number() }).optional(),
    concurrency: z.int().min(1).optional(),
    bootMs: z.number().min(0).optional(),
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
    const { memory, standing } = KEPT.parse(JSON.parse(text));
    return { memory: memory as unknown as Memory, standing };
  } catch {
    return undefined;
  }
}
