import { randomUUID } from 'node:crypto';

import type { WorkersReading, WorkerReport } from '../../core/drain.ts';
import { ordinalOf } from '../../core/busy-workers.ts';
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
 * Both keys at one instant, and the Redis time the reports were stamped by. What no clock and no worker can have written
 * is not there: another type, more fields than are taken in, a long value.
 */
const READ = `
local now = redis.call('TIME')
local most, longest = tonumber(ARGV[1]), tonumber(ARGV[2])
local order = redis.pcall('GET', KEYS[1])
if type(order) ~= 'string' or #order > longest then order = false end
local count = redis.pcall('HLEN', KEYS[2])
local reports = {}
if type(count) == 'number' and count <= most then
  for _, report in ipairs(redis.call('HVALS', KEYS[2])) do
    if #report <= longest then reports[#reports + 1] = report end
  end
end
return { now[1] * 1000 + math.floor(now[2] / 1000), order, reports }
`;

/**
 * Writes only onto the order that the decision was made on. Answers 1 when that stood until now, so that whoever said
 * it rests under it does. A new epoch is written in any case, an old one is never brought back. Answers -1, and writes
 * nothing, for a clock that has lost the lease: a command it sent before may come late.
 */
const WRITE = `
if redis.call('GET', KEYS[2]) ~= ARGV[5] then return -1 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local text = redis.pcall('GET', KEYS[1])
local good, order = pcall(cjson.decode, type(text) == 'string' and #text <= ${LONGEST_TEXT} and text or '')
local stood = good and type(order) == 'table' and order.epoch == ARGV[1]
local limit, epoch, forMs = ARGV[2], ARGV[3], ARGV[4]
if limit == '' then
  if stood then redis.call('DEL', KEYS[1]) end
elseif epoch ~= '' or stood then
  if epoch ~= '' then
    order = { epoch = epoch, since = now }
  end
  -- One from the future would never be old enough to let go of a dyno that says nothing.
  order.since = math.min(tonumber(order.since) or now, now)
  order.limit = tonumber(limit)
  order.forMs = tonumber(forMs)
  redis.call('SET', KEYS[1], cjson.encode(order), 'PX', forMs)
end
return stood and 1 or 0
`;

/**
 * The workers of each process type behind two Redis keys, a string that expires and a hash: docs/draining.md. On the
 * connection of the lease, whose fence guards what is written.
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
            return [processType, readingOf(answer, processType)] as const;
          }),
        );
        return new Map(readings);
      }),

    write: async (processType, order, step, forMs, signal) => {
      const limit = step.kind === 'release' ? '' : String(step.limit);
      const epoch = step.kind === 'ask' ? randomUUID() : '';
      const { request: key } = workerKeys(app, processType);
      const stood = await connection.use(
        signal,
        async (client) =>
          await client.eval(
            WRITE,
            2,
            key,
            fence,
            order?.epoch ?? '',
            limit,
            epoch,
            String(Math.ceil(forMs)),
            lease.token ?? '',
          ),
      );
      if (stood === -1) throw leaseLost();
      return stood === 1;
    },
  };
}

function readingOf(answer: unknown, processType: string): WorkersReading {
  const [now, orderText, values] = answer as [number, string | null, string[]];
  const order = parseDrainRequest(orderText);
  const reports = values.flatMap((text): WorkerReport[] => {
    const said = parseReport(text);
    if (said === undefined || said.at > now + LATE_REPORT_MS || said.at < now - REPORTS_EXPIRY_MS) return [];
    const { sentAt, ...report } = said.report;
    const { dyno, readyAt } = report;
    const ageMs = Math.max(0, now - said.at);
    const readyMs =
      sentAt === undefined || readyAt === undefined ? undefined : Math.max(0, sentAt - readyAt) + ageMs;
    return [{ ...report, ordinal: ordinalOf(dyno, processType), ageMs, readyMs }];
  });
  if (order === undefined) return { reports };
  const { epoch, limit, since } = order;
  return { request: { epoch, limit, ageMs: Math.max(0, now - since) }, reports };
}
