import { createHash } from 'node:crypto';

import { ROW_FIELDS, rowExpressions } from './snapshot-row.ts';

/**
 * Reads queues until its time is used up, each completely and at one instant, and writes nothing: it runs under EVAL_RO.
 * It declares no keys, so that on a cluster one call can read queues of several slots of one node.
 *
 * ARGV: the CPU budget in seconds, the most active jobs inspected per queue, the time in epoch ms, the score of what is
 * due now; then per queue its key base and the score of what is due soon. Returns a row per queue read, in order, at
 * least one; fewer than requested once the time is used up or enough active jobs were inspected (Redis 7.0 has no clock
 * for scripts: there only the number of jobs and queues bounds it). A row is one text with the fields of `ROW_FIELDS`
 * separated by blanks, empty where a value is missing: one text needs a fraction of the memory of as many values. Where
 * workers hold jobs, the row is a list of that text, then each holder and its number of jobs. An error is a text that
 * starts with `-`.
 */
export function snapshotScript(fields: typeof ROW_FIELDS): string {
  return `
local hasClock, clock = pcall(function() return os.clock end)
if not hasClock then clock = function() return 0 end end
local started = clock()
local budget, mostPerQueue = tonumber(ARGV[1]), tonumber(ARGV[2])
local now, dueNowScore = tonumber(ARGV[3]), ARGV[4]
local SLICE, OLDEST, FEW = 100, '-100', 8
-- Active jobs that one script inspects before it leaves the next queue to another; the first queue may hold more.
local MOST_IN_ALL, inspected = 400, 0

local call, pcallRedis = redis.call, redis.pcall
local find, floor = string.find, math.floor
-- Formatting is slow, and most counts are small and recur.
local textOf = setmetatable({}, { __index = function(known, number)
  local text = string.format('%.0f', number)
  known[number] = text
  return text
end })

-- For details that the user may lack the right to read; a failing count makes the queue unreadable instead.
local function try(...)
  local reply = pcallRedis(...)
  if type(reply) == 'table' and reply.err then return nil end
  return reply
end

local function firstOf(reply) return reply and reply[1] end
local function spent() return inspected >= MOST_IN_ALL or clock() - started > budget end

local function isOrdinal(text) return text and #text < 16 and text ~= '' and not find(text, '%D') end
-- Accepts what numberOf in snapshot-row.ts accepts; Lua alone would take blanks and hexadecimal as well.
local function finite(text)
  if not text then return nil end
  if isOrdinal(text) then return tonumber(text) end
  local number = find(text, '^%-?%d+%.?%d*[eE]?[+-]?%d*$') and tonumber(text)
  return number and number > -1e300 and number < 1e300 and number or nil
end

-- The number that a text stands for, in a text of bounded length.
local function written(text)
  if isOrdinal(text) then return text end
  local number = finite(text)
  return number and string.format('%.17g', number) or ''
end

local function delayOf(opts)
  if not opts or #opts > 8192 or not find(opts, '"delay"', 1, true) then return 0 end
  local ok, decoded = pcall(cjson.decode, opts)
  if ok and type(decoded) == 'table' and type(decoded.delay) == 'number' then return decoded.delay end
  return 0
end

local function earlier(a, b)
  if not b then return a end
  if not a or b < a then return b end
  return a
end

-- When a job became ready, and whether it was ready from the start: neither delayed nor tried before.
local function readyAt(base, id)
  local job = try('HMGET', base .. id, 'timestamp', 'processedOn', 'opts')
  local addedAt = job and finite(job[1])
  if not addedAt then return nil, false end
  local ready, startedAt = addedAt + delayOf(job[3]), finite(job[2]) or 0
  if startedAt > ready then return startedAt, false end
  return ready, ready == addedAt
end

-- When the first of some jobs became ready. BullMQ numbers its jobs: where the lowest number was ready from the start,
-- the higher ones need not be read.
local function oldest(base, ids)
  local lowest, lowestId, ordinals = nil, nil, {}
  for i = 1, #ids do
    local number = isOrdinal(ids[i]) and tonumber(ids[i])
    ordinals[i] = number
    if number and (not lowest or number < lowest) then lowest, lowestId = number, ids[i] end
  end
  local first, fromStart = nil, false
  if lowest then first, fromStart = readyAt(base, lowestId) end
  for i = 1, #ids do
    if ids[i] ~= lowestId and not (fromStart and ordinals[i]) then first = earlier(first, readyAt(base, ids[i])) end
  end
  return first
end

local function classOf(score) return floor(tonumber(score) / 4294967296) end

-- Adds to ids the head of the priority class that is served next and the head of the one that is served last. A short
-- set is cheaper to read at once.
local function addPrioritized(ids, key, count)
  local head, starved
  if count <= FEW then
    local scored = try('ZRANGE', key, '0', '-1', 'WITHSCORES')
    if not scored or not scored[2] then return end
    head = scored[1]
    local i, class = #scored - 1, classOf(scored[#scored])
    while i > 1 and classOf(scored[i - 1]) == class do i = i - 2 end
    starved = scored[i]
  else
    head = firstOf(try('ZRANGE', key, '0', '0'))
    local tail = try('ZRANGE', key, '-1', '-1', 'WITHSCORES')
    local from = tail and tail[2] and textOf[classOf(tail[2]) * 4294967296]
    starved = from and firstOf(try('ZRANGEBYSCORE', key, from, '+inf', 'LIMIT', '0', '1'))
  end
  ids[#ids + 1] = head
  if starved ~= head then ids[#ids + 1] = starved end
end

-- The locks and holders of the oldest active jobs; nil when the time is used up. The first queue has no such limit.
local function sample(base, key, active, ids, isFirst)
  local looked, orphaned, holders, places = 0, 0, {}, {}
  local stop = math.min(active, mostPerQueue)
  while looked < stop do
    if looked > 0 then
      if not isFirst and spent() then return nil end
      ids = try('LRANGE', key, -math.min(stop, looked + SLICE), -looked - 1)
    end
    if not ids or #ids == 0 then break end
    local locks = {}
    for i = 1, #ids do locks[i] = base .. ids[i] .. ':lock' end
    local tokens = try('MGET', unpack(locks))
    if not tokens then return 0, 0, {} end
    for i = 1, #ids do
      if tokens[i] then
        local name = try('HGET', base .. ids[i], 'pb')
        name = type(name) == 'string' and string.sub(name, 1, 512) or ''
        if not places[name] then
          places[name] = #holders + 2
          holders[#holders + 1], holders[#holders + 2] = name, 0
        end
        holders[places[name]] = holders[places[name]] + 1
      else
        orphaned = orphaned + 1
      end
    end
    looked, inspected = looked + #ids, inspected + #ids
  end
  return looked, orphaned, holders
end

-- The row of a queue; nil when the time was used up over its active jobs.
local function read(base, dueSoonScore, isFirst)
  local waitKey, delayedKey, activeKey, limiterKey = base .. 'wait', base .. 'delayed', base .. 'active', base .. 'limiter'
  local wait = call('LLEN', waitKey)
  local prioritized = call('ZCARD', base .. 'prioritized')
  local delayed = call('ZCARD', delayedKey)
  local activeIds = try('LRANGE', activeKey, OLDEST, '-1')
  local active = activeIds and #activeIds < SLICE and #activeIds or call('LLEN', activeKey)
  local waitingChildren = call('ZCARD', base .. 'waiting-children')
  local added, limiterCount = call('GET', base .. 'id'), try('GET', limiterKey)
  local limiterTtlMs = limiterCount and try('PTTL', limiterKey) or -1
  local meta = call('HMGET', base .. 'meta', 'paused', 'concurrency', 'max', 'duration')
  local paused, concurrency, limiterMax, limiterDurationMs = meta[1], meta[2], meta[3], meta[4]
  -- Where BullMQ 5 keeps the waiting jobs of a paused queue.
  local pausedJobs = paused and call('LLEN', base .. 'paused') or 0
  local exists = added or wait + pausedJobs + prioritized + delayed + active + waitingChildren > 0
    or call('EXISTS', base .. 'meta') == 1
  local readySince, waitingIds = nil, {}
  if wait > 0 then
    local nextId = try('LINDEX', waitKey, '-1')
    waitingIds[1] = nextId
    if wait > 1 then waitingIds[#waitingIds + 1] = try('LINDEX', waitKey, '0') end
    -- BullMQ 4 left a marker at the end of the list, which is not a job.
    if nextId and string.sub(nextId, 1, 2) == '0:' then wait = wait - 1 end
  end
  local due, dueSoon = 0, 0
  if delayed > 0 then
    dueSoon = call('ZCOUNT', delayedKey, '-inf', dueSoonScore)
    if dueSoon > 0 then due = call('ZCOUNT', delayedKey, '-inf', dueNowScore) end
    if due > 0 then
      local head = try('ZRANGE', delayedKey, '0', '0', 'WITHSCORES')
      local at = head and head[2] and floor(tonumber(head[2]) / 4096)
      if at and at <= now then readySince = at end
    end
  end
  if prioritized > 0 then addPrioritized(waitingIds, base .. 'prioritized', prioritized) end
  readySince = earlier(readySince, oldest(base, waitingIds))
  local oldestReadyAt = readySince and string.format('%.0f', floor(readySince))
  -- The times of the last completed job that is kept: both are of one worker's clock.
  local lastStartedAt, lastEndedAt
  if active > 0 and wait + prioritized + due > 0 then
    local id = firstOf(try('ZRANGE', base .. 'completed', -1, -1))
    local job = id and try('HMGET', base .. id, 'processedOn', 'finishedOn')
    if job then lastStartedAt, lastEndedAt = job[1], job[2] end
  end
  local looked, orphaned, holders = 0, 0, {}
  if active > 0 then looked, orphaned, holders = sample(base, activeKey, active, activeIds, isFirst) end
  if not looked then return nil end
  local row = table.concat({ ${rowExpressions(fields)} }, ' ')
  if #holders == 0 then return row end
  table.insert(holders, 1, row)
  return holders
end

local rows = {}
for i = 5, #ARGV, 2 do
  if i > 5 and spent() then break end
  local ok, row = pcall(read, ARGV[i], ARGV[i + 1], i == 5)
  if ok and not row then break end
  rows[#rows + 1] = ok and row or '-' .. (type(row) == 'table' and row.err or tostring(row))
end
return rows
`;
}

export const SNAPSHOT_SCRIPT = snapshotScript(ROW_FIELDS);

/** The name of the script for EVALSHA_RO. */
export const SNAPSHOT_SHA = createHash('sha1').update(SNAPSHOT_SCRIPT).digest('hex');
