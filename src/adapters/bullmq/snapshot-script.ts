import { createHash } from 'node:crypto';

/**
 * Reads queues until its time is up, each completely and at one instant, and writes nothing: it runs under EVAL_RO. It
 * declares no keys, so that on a cluster one call can read queues of several slots of one node.
 *
 * ARGV: budget in seconds of CPU, active jobs looked at per queue, epoch ms of now, score of what is due now, then per
 * queue its key base and the score of what is due soon. Answers a row per queue read, in order, at least one; fewer
 * than asked where the time ran out (Redis 7.0 has no clock for scripts: there only the size of a chunk bounds it). A
 * row is one text with the fields in the order `decodeRow` reads them, nothing
 * between two blanks for what is not there; where jobs are held, a list of it and of each holder and his jobs; or an
 * error after a `-`. One text costs a fraction of the memory of as many values.
 */
export const SNAPSHOT_SCRIPT = `
local has_clock, clock = pcall(function() return os.clock end)
if not has_clock then clock = function() return 0 end end
local started = clock()
local budget, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local now, due_now = tonumber(ARGV[3]), ARGV[4]
local SLICE = 100

local call, pcall_redis = redis.call, redis.pcall

-- For what a user may lack the right to: absent, where the counts themselves are not.
local function try(...)
  local reply = pcall_redis(...)
  if type(reply) == 'table' and reply.err then return nil end
  return reply
end

local function first_of(reply) return reply and reply[1] end

local function spent() return clock() - started > budget end

-- As decode-row.ts reads numbers: Lua alone would take blanks and hex as well.
local function finite(text)
  local number = text and string.find(text, '^%-?%d+%.?%d*[eE]?[+-]?%d*$') and tonumber(text)
  return number and number > -1e300 and number < 1e300 and number or nil
end

-- A number as it is understood here, whatever text it was.
local function written(text)
  if text and #text < 16 and string.find(text, '^%d+$') then return text end
  local number = finite(text)
  return number and string.format('%.17g', number) or ''
end

local function ordinal(id) return id and #id < 16 and string.find(id, '^%d+$') and tonumber(id) or nil end

local function delay_of(opts)
  if not opts or #opts > 8192 or not string.find(opts, '"delay"', 1, true) then return 0 end
  local ok, decoded = pcall(cjson.decode, opts)
  if ok and type(decoded) == 'table' and type(decoded.delay) == 'number' then return decoded.delay end
  return 0
end

local function earlier(a, b)
  if not b then return a end
  if not a or b < a then return b end
  return a
end

local function ready_at(base, id)
  if not id then return nil end
  local job = try('HMGET', base .. id, 'timestamp', 'processedOn', 'opts')
  local added = job and finite(job[1])
  if not added then return nil end
  return math.max(added + delay_of(job[3]), finite(job[2]) or 0)
end

-- Whether a job was added after another, as far as BullMQ's own ids tell.
local function later(id, other)
  local a, b = ordinal(id), ordinal(other)
  return a and b and a > b
end

local function class_of(scored) return math.floor(tonumber(scored[2]) / 4294967296) end

-- In the priority class that is served next, and in the one that is served last.
local function oldest_prioritized(base)
  local key = base .. 'prioritized'
  local head = try('ZRANGE', key, 0, 0, 'WITHSCORES')
  local tail = try('ZRANGE', key, -1, -1, 'WITHSCORES')
  local first = ready_at(base, first_of(head))
  if not head or not tail or class_of(head) == class_of(tail) then return first end
  local from = string.format('%.0f', class_of(tail) * 4294967296)
  return earlier(first, ready_at(base, first_of(try('ZRANGEBYSCORE', key, from, '+inf', 'LIMIT', 0, 1))))
end

local function sample(base, active, alone)
  local looked, orphaned, held, order = 0, 0, {}, {}
  local stop = math.min(active, most)
  while looked < stop do
    if not alone and spent() then return nil end
    local ids = try('LRANGE', base .. 'active', -math.min(stop, looked + SLICE), -looked - 1)
    if not ids or #ids == 0 then break end
    local locks = {}
    for i = 1, #ids do locks[i] = base .. ids[i] .. ':lock' end
    local tokens = try('MGET', unpack(locks))
    if not tokens then return 0, 0, {} end
    for i = 1, #ids do
      if tokens[i] then
        local name = try('HGET', base .. ids[i], 'pb')
        name = type(name) == 'string' and string.sub(name, 1, 512) or ''
        if not held[name] then order[#order + 1] = name end
        held[name] = (held[name] or 0) + 1
      else
        orphaned = orphaned + 1
      end
    end
    looked = looked + #ids
  end
  local flat = {}
  for _, name in ipairs(order) do
    flat[#flat + 1] = name
    flat[#flat + 1] = held[name]
  end
  return looked, orphaned, flat
end

-- Start and end of the job that ended last, where it is kept: both of one worker's clock.
local function last_run(base)
  local id = first_of(try('ZRANGE', base .. 'completed', -1, -1))
  local job = id and try('HMGET', base .. id, 'processedOn', 'finishedOn')
  if not job then return '', '' end
  return written(job[1]), written(job[2])
end

-- Nothing when the time ran out over its active jobs; a queue that is the first has the time it takes.
local function read(base, due_soon, alone)
  local listed = call('LLEN', base .. 'wait')
  local prioritized = call('ZCARD', base .. 'prioritized')
  local delayed = call('ZCARD', base .. 'delayed')
  local active = call('LLEN', base .. 'active')
  local children = call('ZCARD', base .. 'waiting-children')
  local added = call('GET', base .. 'id')
  local meta = call('HMGET', base .. 'meta', 'paused', 'concurrency', 'max')
  local paused = meta[1] and true or false
  -- Where BullMQ 5 keeps what waits in a paused queue.
  local paused_jobs = paused and call('LLEN', base .. 'paused') or 0
  local exists = 1
  if not added and listed + paused_jobs + prioritized + delayed + active + children == 0 then
    exists = call('EXISTS', base .. 'meta')
  end
  local next_id = listed > 0 and try('LINDEX', base .. 'wait', -1) or false
  -- BullMQ 4 left a marker at the end of the list which is no job.
  local wait = next_id and string.sub(next_id, 1, 2) == '0:' and listed - 1 or listed
  local due, soon, first = 0, 0, nil
  if delayed > 0 then
    local head = try('ZRANGE', base .. 'delayed', 0, 0, 'WITHSCORES')
    if not head or tonumber(head[2]) <= tonumber(due_soon) then
      due = call('ZCOUNT', base .. 'delayed', '-inf', due_now)
      soon = call('ZCOUNT', base .. 'delayed', '-inf', due_soon)
    end
    local at = head and math.floor(tonumber(head[2]) / 4096)
    if at and at <= now then first = at end
  end
  if listed > 0 then first = earlier(first, ready_at(base, next_id)) end
  if listed > 1 then
    local last_id = try('LINDEX', base .. 'wait', 0)
    if not later(last_id, next_id) then first = earlier(first, ready_at(base, last_id)) end
  end
  if prioritized > 0 then first = earlier(first, oldest_prioritized(base)) end
  local count, ttl = false, -1
  if exists == 1 then
    count = try('GET', base .. 'limiter')
    if count then ttl = try('PTTL', base .. 'limiter') or -1 end
  end
  local began, ended = '', ''
  if active > 0 and wait + prioritized + due > 0 then began, ended = last_run(base) end
  local looked, orphaned, held = 0, 0, {}
  if active > 0 then looked, orphaned, held = sample(base, active, alone) end
  if not looked then return nil end
  local fields = table.concat({
    wait, paused_jobs, prioritized, due, soon, delayed, active, children,
    written(added), paused and 1 or 0, written(meta[2]), written(meta[3]), written(count), ttl,
    first and string.format('%.0f', math.floor(first)) or '', exists, looked, orphaned,
    began, ended
  }, ' ')
  if #held == 0 then return fields end
  table.insert(held, 1, fields)
  return held
end

local rows = {}
for i = 5, #ARGV, 2 do
  if i > 5 and spent() then break end
  local ok, row = pcall(read, ARGV[i], ARGV[i + 1], i == 5)
  if ok and not row then break end
  if ok then
    rows[#rows + 1] = row
  else
    rows[#rows + 1] = '-' .. (type(row) == 'table' and row.err or tostring(row))
  end
end
return rows
`;

/** What EVALSHA_RO calls it. */
export const SNAPSHOT_SHA = createHash('sha1').update(SNAPSHOT_SCRIPT).digest('hex');
