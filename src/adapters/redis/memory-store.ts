import * as v from 'valibot';

import { LONGEST_LIMIT_MS } from '../../core/platform-limit.ts';
import {
  BOOT_BELIEVED_MS,
  CONCURRENCY_BELIEVED_MS,
  withoutQuantity,
  type ScalingState,
} from '../../core/scaling-state.ts';
import { MOST_BOOTS } from '../../core/boots.ts';
import { BOOT_WATCH_MS } from '../../core/drain.ts';
import { MOST_WRITES } from '../../core/writes.ts';
import type { MemoryStore, Remembered } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import { STATE_EXPIRY_MS, type stateKeys } from './keys.ts';
import { leaseLost, type FencedLease } from './lease.ts';
import { FORESEEN, MEMORY } from './memory-shape.ts';

/** Raised when the saved shape changes: state of another version is ignored. */
const VERSION = 3;
/** Longer than any state Drover saves: another client wrote it. */
const LONGEST = 1_000_000;
/** More dynos than any formation has. */
const MOST_DYNOS = 100_000;
/** More than the name of any worker. */
const LONGEST_NAME = 512;

/** The range of a Date. */
const AT = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));
const QUANTITY = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_DYNOS));

/** Another client wrote a belief that lasts longer than Drover's do. */
const belief = <T>(value: v.GenericSchema<T>, forMs: number) =>
  v.pipe(
    v.object({ value, since: AT, until: AT }),
    v.check(({ since, until }) => until <= since + forMs),
  );

const SCALING_STATE = v.object({
  quantity: v.optional(QUANTITY),
  writes: v.optional(
    v.pipe(
      v.array(v.object({ from: QUANTITY, to: QUANTITY, at: AT, answered: v.boolean() })),
      v.maxLength(MOST_WRITES),
    ),
  ),
  manual: v.optional(v.object({ since: AT, until: v.optional(AT) })),
  limit: v.optional(
    v.pipe(
      v.object({
        count: QUANTITY,
        counts: v.picklist(['type', 'app']),
        since: AT,
        until: AT,
        refusals: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)),
      }),
      v.check(({ since, until }) => until <= since + LONGEST_LIMIT_MS),
    ),
  ),
  raised: v.optional(
    v.object({
      above: QUANTITY,
      at: AT,
      counted: v.optional(
        v.pipe(v.array(v.pipe(v.string(), v.maxLength(LONGEST_NAME))), v.maxLength(MOST_BOOTS)),
      ),
      slowestMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(BOOT_WATCH_MS))),
    }),
  ),
  holders: v.optional(
    v.object({
      at: AT,
      conclusive: v.boolean(),
      // Those of a scale-up from the quantity, and of the last one.
      holding: v.pipe(v.array(QUANTITY), v.maxLength(2 * MOST_BOOTS)),
    }),
  ),
  concurrency: v.optional(
    belief(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_DYNOS)), CONCURRENCY_BELIEVED_MS),
  ),
  boots: v.optional(
    belief(
      v.pipe(v.array(v.pipe(v.number(), v.minValue(0), v.maxValue(BOOT_WATCH_MS))), v.maxLength(MOST_BOOTS)),
      BOOT_BELIEVED_MS,
    ),
  ),
}) satisfies v.GenericSchema<unknown, ScalingState>;

const SAVED = v.object({
  version: v.literal(VERSION),
  /** The fencing token of the clock that saved it. */
  token: v.string(),
  /** Whether that clock has stopped. */
  ended: v.optional(v.literal(true)),
  memory: MEMORY,
  scaling: SCALING_STATE,
  // Derived again within the hour: what is out of range is left out, and the rest counts.
  foreseen: v.fallback(v.optional(FORESEEN), undefined),
});

/** Writes nothing and returns 0 for a clock that has lost the lease. */
const SAVE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 2, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 1], 'PX', ARGV[2]) end
return 1
`;

/** One Redis string per process type: JSON with a version and an expiry, written under the fence of the lease. */
export function redisMemoryStore(
  connection: RedisConnection,
  keys: Pick<ReturnType<typeof stateKeys>, 'fence' | 'memory'>,
  lease: Pick<FencedLease, 'token' | 'previousToken'>,
  onDiscarded: (processType: string) => void,
): MemoryStore {
  const save = async (
    remembered: ReadonlyMap<string, Remembered>,
    signal: AbortSignal,
    more: { readonly ended?: true },
  ): Promise<void> => {
    const { token } = lease;
    if (token === undefined) throw leaseLost();
    const names = [...remembered.keys()].map((processType) => keys.memory(processType));
    const texts = [...remembered.values()].map((kept) =>
      JSON.stringify({ version: VERSION, token, ...more, ...kept }),
    );
    const saved = await connection.use(
      signal,
      async (client) =>
        await client.eval(
          SAVE,
          names.length + 1,
          keys.fence,
          ...names,
          token,
          String(STATE_EXPIRY_MS),
          ...texts,
        ),
    );
    if (saved !== 1) throw leaseLost();
  };

  return {
    load: async (processTypes, signal) => {
      const names = processTypes.map((processType) => keys.memory(processType));
      const texts = await connection.use(signal, async (client) => await client.mget(names));
      const found = new Map<string, Remembered>();
      processTypes.forEach((processType, index) => {
        const text = texts[index];
        if (text === null || text === undefined) return;
        const kept = parseSavedState(text);
        if (kept === undefined) return onDiscarded(processType);
        const { memory, scaling, foreseen } = kept;
        // Complete if its clock was the last to have the lease and did nothing after it saved this. A reader without the
        // lease sees the state as the clock that has it does.
        const complete =
          lease.token === undefined || (kept.ended === true && kept.token === lease.previousToken);
        found.set(processType, {
          memory,
          scaling: complete ? scaling : withoutQuantity(scaling),
          foreseen,
        });
      });
      return found;
    },
    save: async (remembered, signal) => await save(remembered, signal, {}),
    end: async (remembered, signal) => await save(remembered, signal, { ended: true }),
  };
}

/** The saved state, or undefined for anything Drover would not have written. */
export function parseSavedState(text: string): v.InferOutput<typeof SAVED> | undefined {
  if (text.length > LONGEST) return undefined;
  try {
    return v.parse(SAVED, JSON.parse(text));
  } catch {
    return undefined;
  }
}
