import { randomUUID } from 'node:crypto';

import { Failure } from '../../failure.ts';
import type { LeaseState, Lease } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import { STATE_EXPIRY_MS, type stateKeys } from './keys.ts';

/** The lease, and what the other adapters need of it to fence their writes. */
export type FencedLease = Lease & {
  /** What the fence's key holds for as long as no clock took over; undefined without the lease. */
  readonly token: string | undefined;
  /** What it held before this clock took the lease. */
  readonly previousToken: string | undefined;
};

/** No lease of ours lasts longer: what claims to was written by someone else, and is cut to this. */
export const LONGEST_LEASE_MS = 300_000;

/**
 * Answers 1 and the fence where no other clock had the lease since this one, although it may have run out meanwhile; 2
 * and the new and the old fence where it is taken; 0 and its value while another clock has it. A fence is never used twice,
 * not even after Redis lost it: it is at least the time in ms, and names its clock. A key of another type counts as gone.
 */
const HOLD = `
local function text(key)
  local value = redis.pcall('GET', key)
  if type(value) == 'table' then redis.call('DEL', key) return false end
  return value
end
local id, token, forMs, longest, expiry = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local holder = text(KEYS[1])
local fence = text(KEYS[2])
if holder and holder ~= id then
  local left = redis.call('PTTL', KEYS[1])
  if left < 0 or left > longest then redis.call('PEXPIRE', KEYS[1], longest) end
  return { 0, holder }
end
if holder then redis.call('PEXPIRE', KEYS[1], forMs) else redis.call('SET', KEYS[1], id, 'PX', forMs) end
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

/** Answers 1 and sets its time where this clock has the lease, or it ran out and no other clock has taken it. */
const CONFIRM = `
local holder = redis.call('GET', KEYS[1])
if redis.call('GET', KEYS[2]) ~= ARGV[2] or (holder and holder ~= ARGV[1]) then return 0 end
if holder then redis.call('PEXPIRE', KEYS[1], ARGV[3]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3]) end
return 1
`;

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/**
 * The lease as one Redis key with an expiry, whose value names its clock and what that scales. It is renewed by the tick
 * and by nothing else: a clock that hangs loses it. Each new holder raises a counter, its fencing token: a process that
 * slept through its lease finds the counter moved on even where the lease came back to it, and does not act on what it
 * decided before.
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
        HOLD,
        signal,
        token ?? '',
        milliseconds,
        String(LONGEST_LEASE_MS),
        String(STATE_EXPIRY_MS),
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
    'another clock took over while this tick was under way',
    'Nothing to do during a deploy; at other times see that only one clock dyno runs.',
  );
}

/** A clock of the same app that scales other process types would leave these alone for good, and so would this one. */
function refuseOther(holder: string, scaled: string): void {
  const [, other] = /^[-0-9a-f]{36} ([-\w,]{1,1000})$/.exec(holder) ?? [];
  if (other === undefined || other === scaled) return;
  throw new Failure(
    'LEASE_CONFLICT',
    `another Drover of this app scales ${other}, this one ${scaled}: one clock has to scale all of them`,
    `Run one Drover with PROCESS_TYPES=${[...new Set(`${other},${scaled}`.split(','))].toSorted().join()}; during a deploy that changes PROCESS_TYPES this passes by itself.`,
  );
}
