import { randomUUID } from 'node:crypto';

import type { WorkersReading, WorkerReport } from '../../core/drain.ts';
import type { Workers } from '../../ports.ts';
import {
  workerKeys,
  LATE_REPORT_MS,
  LONGEST_TEXT,
  MOST_REPORTS,
  parseDrainRequest,
  parseReport,
  REPORTS_EXPIRY_MS,
} from '../../worker/keys.ts';
import type { RedisConnection } from './connect.ts';
import { leaseLost, type FencedLease } from './lease.ts';

/**
 * Reads both keys at one instant, and the Redis time, by which the reports are stamped. Ignores what neither clock nor
 * worker can have written: a key of another type, too many fields, a value that is too long.
 */
const READ = `
local now = redis.call('TIME')
local most, longest = tonumber(ARGV[1]), tonumber(ARGV[2])
local request = redis.pcall('GET', KEYS[1])
if type(request) ~= 'string' or #request > longest then request = false end
local count = redis.pcall('HLEN', KEYS[2])
local reports = {}
if type(count) == 'number' and count <= most then
  for _, report in ipairs(redis.call('HVALS', KEYS[2])) do
    if #report <= longest then reports[#reports + 1] = report end
  end
end
return { now[1] * 1000 + math.floor(now[2] / 1000), request, reports }
`;

/**
 * Changes only the drain request that the decision was based on. Returns 1 if that request is still current, so that the
 * workers which reported drained under it still are. A new epoch is written in any case; an old one is never restored.
 * Returns -1 and writes nothing for a clock that has lost the lease: a command it sent before may arrive late.
 */
const WRITE = `
if redis.call('GET', KEYS[2]) ~= ARGV[5] then return -1 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local text = redis.pcall('GET', KEYS[1])
local valid, request = pcall(cjson.decode, type(text) == 'string' and #text <= ${LONGEST_TEXT} and text or '')
local current = valid and type(request) == 'table' and request.epoch == ARGV[1]
local limit, epoch, forMs, names = ARGV[2], ARGV[3], ARGV[4], ARGV[6]
if limit == '' then
  if current then redis.call('DEL', KEYS[1]) end
elseif epoch ~= '' or current then
  if epoch ~= '' then
    request = { epoch = epoch, since = now }
  end
  -- A request from the future would never be old enough to release a worker that does not report.
  request.since = math.min(tonumber(request.since) or now, now)
  request.limit = tonumber(limit)
  request.names = names ~= '' and cjson.decode(names) or nil
  request.forMs = tonumber(forMs)
  redis.call('SET', KEYS[1], cjson.encode(request), 'PX', forMs)
end
return current and 1 or 0
`;

/**
 * Two Redis keys per process type: the drain request in a string that expires, the workers' reports in a hash
 * (docs/draining.md). Uses the connection of the lease, whose fence guards the writes.
 */
export function redisWorkers(
  connection: RedisConnection,
  app: string,
  lease: FencedLease,
  fence: string,
): Workers {
  return {
    read: async (processTypes, signal) =>
      await connection.use(signal, async (client) => {
        const readings = await Promise.all(
          processTypes.map(async (processType) => {
            const keys = workerKeys(app, processType);
            const answer = await client.eval(READ, 2, keys.request, keys.reports, MOST_REPORTS, LONGEST_TEXT);
            return [processType, readingOf(answer)] as const;
          }),
        );
        return new Map(readings);
      }),

    write: async ({ processType, request, step, forMs }, signal) => {
      const limit = step.kind === 'release' ? '' : String(step.limit);
      const names = step.kind === 'release' ? undefined : step.names;
      const epoch = step.kind === 'ask' ? randomUUID() : '';
      const { request: key } = workerKeys(app, processType);
      const written = await connection.use(
        signal,
        async (client) =>
          await client.eval(
            WRITE,
            2,
            key,
            fence,
            request?.epoch ?? '',
            limit,
            epoch,
            String(Math.ceil(forMs)),
            lease.token ?? '',
            names === undefined ? '' : JSON.stringify(names),
          ),
      );
      if (written === -1) throw leaseLost();
      return written === 1;
    },
  };
}

/** The process types whose workers have reported to this Redis. Throws a Failure. */
export async function reportingTypes(
  connection: RedisConnection,
  app: string,
  processTypes: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const counts = await connection.use(
    signal,
    async (client) =>
      await Promise.all(
        processTypes.map(async (processType) => await client.hlen(workerKeys(app, processType).reports)),
      ),
  );
  return processTypes.filter((_, index) => (counts[index] ?? 0) > 0);
}

function readingOf(answer: unknown): WorkersReading {
  const [now, requestText, values] = answer as [number, string | null, string[]];
  const request = parseDrainRequest(requestText);
  const reports = values.flatMap((text): WorkerReport[] => {
    const stamped = parseReport(text);
    if (stamped === undefined) return [];
    if (stamped.at > now + LATE_REPORT_MS || stamped.at < now - REPORTS_EXPIRY_MS) return [];
    const { sentAt, ...report } = stamped.report;
    const { readyAt } = report;
    const ageMs = Math.max(0, now - stamped.at);
    const readyMs =
      sentAt === undefined || readyAt === undefined ? undefined : Math.max(0, sentAt - readyAt) + ageMs;
    return [{ ...report, ageMs, readyMs }];
  });
  if (request === undefined) return { reports };
  const { epoch, limit, names, since } = request;
  return { request: { epoch, limit, names, ageMs: Math.max(0, now - since) }, reports };
}
