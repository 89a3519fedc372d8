import type { Identity } from './identity.ts';
import {
  workerKeys,
  LATE_REPORT_MS,
  LONGEST_TEXT,
  MOST_REPORTS,
  parseDrainRequest,
  REPORTS_EXPIRY_MS,
  type StoredDrainRequest,
  type StoredReport,
} from './keys.ts';

/**
 * Stores the report and reads the drain request in one step. An empty report deletes the stored one. Timestamps are
 * Redis's, so the clocks of two machines are never compared. The first report of a process also deletes reports of
 * processes that ended without deleting theirs, and values that no worker wrote. A report that was sent too long ago may
 * no longer be true, so it deletes the stored one.
 */
const HEARTBEAT = `
local field, report, expiry, most, longest = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local sent, late = tonumber(ARGV[6]), tonumber(ARGV[7])
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local count = redis.pcall('HLEN', KEYS[2])
if type(count) ~= 'number' or count > most then redis.call('DEL', KEYS[2]) end
if report == '' or (sent > 0 and ms - sent > late) then
  redis.call('HDEL', KEYS[2], field)
else
  local known = redis.call('HEXISTS', KEYS[2], field) == 1
  if not known then
    local all = redis.call('HGETALL', KEYS[2])
    for i = 1, #all, 2 do
      local text = all[i + 1]
      local at = #text <= longest and tonumber(string.match(text, '^%d+')) or 0
      if at < ms - tonumber(expiry) or at > ms + late then redis.call('HDEL', KEYS[2], all[i]) end
    end
  end
  if known or redis.call('HLEN', KEYS[2]) < most then
    redis.call('HSET', KEYS[2], field, string.format('%.0f', ms) .. ' ' .. report)
    redis.call('PEXPIRE', KEYS[2], expiry)
  end
end
local request = redis.pcall('GET', KEYS[1])
if type(request) ~= 'string' or #request > longest then request = '' end
return { request, string.format('%.0f', ms) }
`;

const LIMITS = [String(REPORTS_EXPIRY_MS), String(MOST_REPORTS), String(LONGEST_TEXT)] as const;

/** The connection of a worker process to the clock, through Redis. Both methods throw what the Redis client throws. */
export type ClockChannel = {
  /** Stores this process's report and returns the current drain request. */
  heartbeat(report: StoredReport): Promise<StoredDrainRequest | undefined>;
  /** Deletes this process's report. */
  removeReport(): Promise<void>;
};

export function clockChannel(client: unknown, identity: Identity): ClockChannel {
  const run = scriptRunner(client);
  const keys = workerKeys(identity.app, identity.processType);
  /** Redis's time minus the monotonic clock; undefined before the first answer. */
  let offsetMs: number | undefined;
  const exchange = async (text: string): Promise<string> => {
    const sentAt = offsetMs === undefined ? 0 : Math.round(performance.now() + offsetMs);
    const answer = await run(
      [keys.request, keys.reports],
      [identity.instance, text, ...LIMITS, String(sentAt), String(LATE_REPORT_MS)],
    );
    const [request, now] = answer as [string, string];
    offsetMs = Number(now) - performance.now();
    return request;
  };
  return {
    heartbeat: async (report) => parseDrainRequest(await exchange(JSON.stringify(report))),
    removeReport: async () => {
      await exchange('');
    },
  };
}

type RunScript = (keys: readonly string[], args: readonly string[]) => Promise<unknown>;

type AnyClient = {
  readonly defineCommand?: (name: string, definition: { numberOfKeys: number; lua: string }) => void;
  /** Only the wrappers that BullMQ puts around ioredis, node-redis and other clients have it. */
  readonly runCommand?: (name: string, args: readonly string[]) => Promise<unknown>;
  readonly eval?: (script: string, ...rest: unknown[]) => Promise<unknown>;
};

const COMMAND = 'droverBeat';

/** Runs a script by the API of the client: BullMQ's wrapper, ioredis or node-redis. */
function scriptRunner(given: unknown): RunScript {
  const client = given as AnyClient;
  if (client.runCommand !== undefined && client.defineCommand !== undefined) {
    const { runCommand } = client;
    client.defineCommand(COMMAND, { numberOfKeys: 2, lua: HEARTBEAT });
    return async (keys, args) => await runCommand.call(client, COMMAND, [...keys, ...args]);
  }
  const { eval: evaluate } = client;
  if (evaluate === undefined)
    throw new TypeError('cooperate: the connection is not an ioredis or node-redis client');
  if (client.defineCommand !== undefined) {
    return async (keys, args) => await evaluate.call(client, HEARTBEAT, keys.length, ...keys, ...args);
  }
  return async (keys, args) =>
    await evaluate.call(client, HEARTBEAT, { keys: [...keys], arguments: [...args] });
}
