import { randomUUID } from 'node:crypto';

import { Failure } from '../../failure.ts';
import type { LeaseState, Lease } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import { STATE_EXPIRY_MS, type stateKeys } from './keys.ts';

/** The lease, with the fencing tokens that other adapters guard their writes with. */
export type FencedLease = Lease & {
  /** The fence's value as long as no other clock takes over; undefined without the lease. */
  readonly token: string | undefined;
  /** The fence's value before this clock took the lease. */
  readonly previousToken: string | undefined;
};

/** Drover takes the lease for no longer than this. */
export const LONGEST_LEASE_MS = 300_000;
/**
 * A lease that seems to last longer was taken before the time of Redis was set back, or written by another client. It is
 * shortened to this: no tick lasts longer, so a clock that still has it renews it before then.
 */
const SHORTENED_LEASE_MS = 45_000;

/**
 * Returns 1 and the fence if no other clock has had the lease since this one, even if it expired in between; 2, the new
 * and the old fence if this clock takes it; 0 and its value while another clock has it. A fence is never used twice, not
 * even after Redis lost it: it is at least the time in ms, and names its clock. A key of another type counts as missing, and
 * so does a lease without an expiry, which no clock writes.
 */
const ACQUIRE = `
local function text(key)
  local value = redis.pcall('GET', key)
  if type(value) == 'table' then redis.call('DEL', key) return false end
  return value
end
local id, token, forMs, expiry = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local longest, shortened = tonumber(ARGV[5]), ARGV[6]
local holder = text(KEYS[1])
local fence = text(KEYS[2])
local left = redis.call('PTTL', KEYS[1])
if holder and holder ~= id and left >= 0 then
  if left > longest then redis.call('PEXPIRE', KEYS[1], shortened) end
  return { 0, holder }
end
if holder == id then redis.call('PEXPIRE', KEYS[1], forMs) else redis.call('SET', KEYS[1], id, 'PX', forMs) end
if fence and fence == token then
  redis.call('PEXPIRE', KEYS[2], expiry)
  return { 1, fence }
end
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local last = tonumber(string.match(fence or '', '^%d+') or '') or 0
if last > ms + 1000000 then last = 0 end
local new = string.format('%.0f', math.max(last + 1, ms)) .. ' ' .. string.sub(id, 1, 36)
redis.call('SET', KEYS[2], new, 'PX', expiry)
return { 2, new, fence or '' }
`;

/** Returns 1 and renews the lease if this clock has it, or if it expired and no other clock has taken it. */
const CONFIRM = `
local holder = redis.call('GET', KEYS[1])
if redis.call('GET', KEYS[2]) ~= ARGV[2] or (holder and holder ~= ARGV[1]) then return 0 end
if holder then redis.call('PEXPIRE', KEYS[1], ARGV[3]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3]) end
return 1
`;

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/**
 * The lease: one Redis key with an expiry, whose value names its clock and the process types it scales. Only the tick
 * renews it, so a clock that hangs loses it. Each new holder raises the fencing token: a process that slept through its
 * lease finds a newer token, even if it has the lease again, and does not act on an old decision.
 */
export function redisLease(
  connection: RedisConnection,
  keys: ReturnType<typeof stateKeys>,
  processTypes: readonly string[],
): FencedLease {
  const scaled = processTypes.toSorted().join();
  const id = `${randomUUID()} ${scaled}`;
  let token: string | undefined;
  let previousToken: string | undefined;

  const evaluate = async (script: string, signal: AbortSignal, ...args: string[]): Promise<unknown> =>
    await connection.use(
      signal,
      async (client) => await client.eval(script, 2, keys.lease, keys.fence, id, ...args),
    );

  return {
    get token() {
      return token;
    },
    get previousToken() {
      return previousToken;
    },

    acquire: async (forMs, signal): Promise<LeaseState> => {
      const milliseconds = String(Math.ceil(Math.min(forMs, LONGEST_LEASE_MS)));
      const answer = await evaluate(
        ACQUIRE,
        signal,
        token ?? '',
        milliseconds,
        String(STATE_EXPIRY_MS),
        String(LONGEST_LEASE_MS),
        String(SHORTENED_LEASE_MS),
      );
      const [kind, value, before] = answer as [number, string, string?];
      if (kind === 0) {
        token = undefined;
        refuseOther(value, scaled);
        return 'standby';
      }
      token = value;
      if (kind === 1) return 'kept';
      previousToken = before;
      return 'taken';
    },

    confirm: async (forMs, signal) => {
      const has = token !== undefined && (await evaluate(CONFIRM, signal, token, String(Math.ceil(forMs))));
      if (has !== 1) throw leaseLost();
    },

    release: async (signal) => {
      if (token === undefined) return;
      token = undefined;
      await evaluate(RELEASE, signal);
    },
  };
}

export function leaseLost(): Failure {
  return new Failure(
    'LEASE_LOST',
    'another clock took over during this tick',
    'Nothing to do during a deploy; otherwise make sure that only one clock runs.',
  );
}

/**
 * The process types of the clock that has the lease, as a list with commas; undefined where no clock has it. Throws a
 * Failure where that cannot be read.
 */
export async function leaseHolder(
  connection: RedisConnection,
  keys: Pick<ReturnType<typeof stateKeys>, 'lease'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const holder = await connection.use(signal, async (client) => await client.get(keys.lease));
  return holder === null ? undefined : typesOf(holder);
}

function typesOf(holder: string): string | undefined {
  return /^[-0-9a-f]{36} ([-\w,]{1,1000})$/.exec(holder)?.[1];
}

/** Two clocks of one app that scale different process types would wait for each other's lease for ever. */
function refuseOther(holder: string, scaled: string): void {
  const other = typesOf(holder);
  if (other !== undefined && other !== scaled) throw leaseConflict(other, scaled);
}

/** `other`, `scaled`: the process types of the other clock and of this one, as lists with commas. */
export function leaseConflict(other: string, scaled: string): Failure {
  return new Failure(
    'LEASE_CONFLICT',
    `another Drover of this app scales ${other}, this one ${scaled}: one clock has to scale all process types`,
    `Run one Drover with PROCESS_TYPES=${[...new Set(`${other},${scaled}`.split(','))].toSorted().join()}; after a deploy that changes PROCESS_TYPES the conflict ends by itself.`,
  );
}
