import { createHash } from 'node:crypto';

/**
 * Reads queues until its time is up, each completely and at one instant, and writes nothing: it runs under EVAL_RO. It
 * declares no keys, so that on a cluster one call can read queues of several slots of one node.
 *
 * ARGV: budget in seconds of CPU, active jobs looked at per queue, epoch ms of now, score of what is due now, then per
 * queue its key base and the score of what is due soon. Answers a row per queue read, in order, at least one; fewer
 * than asked where the time ran out, or where the active jobs looked at are enough for one script (Redis 7.0 has no clock
 * for scripts: there only their number bounds it, and that of the queues). A row is one text with the fields in the order
 * `decodeRow` reads them, nothing between two blanks for what is not there; where jobs are held, a list of it and of each holder and his jobs; or an
 * error after a `-`. One text costs a fraction of the memory of as many values.
 */
export const SNAPSHOT_SCRIPT = `
local has_clock, clock = pcall(function() return os.clock end)
if not has_clock then clock = function() return 0 end end
local started = clock()
local budget, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local now, due_now = tonumber(ARGV[3]), ARGV[4]
local SLICE, OLDEST, FEW = 100, '-100', 8
-- Active jobs that one script looks at before it leaves the next queue to another; the first queue may hold more.
local TOGETHER, seen = 400, 0

local call, pcall_redis = redis.call, redis.pcall
local find, floor = string.find, math.floor
-- Formatting is slow, and most counts are small.
local text_of = setmetatable({}, { __index = function(known, number)
  local text = string.format('%.0f', number)
  known[number] = text
  return text
end })

-- For what a user may lack the right to: absent, where the counts themselves are not.
local function try(...)
  local reply = pcall_redis(...)
  if type(reply) == 'table' and reply.err then return nil end
  return reply
end

local function first_of(reply) return reply and reply[1] end

local function spent() return seen >= TOGETHER or clock() - started > budget end

-- As decode-row.ts reads numbers: Lua alone would take blanks and hex as well.
local function finite(text)
  if not text then return nil end
  if #text < 16 and not find(text, '%D') and text ~= '' then return tonumber(text) end
  local number = find(text, '^%-?%d+%.?%d*[eE]?[+-]?%d*$') and tonumber(text)
  return number and number > -1e300 and number < 1e300 and number or nil
end

-- A number as it is understood here, whatever text it was.
local function written(text)
  if not text then return '' end
  if #text < 16 and text ~= '' and not find(text, '%D') then return text end
  local number = finite(text)
  return number and string.format('%.17g', number) or ''
end

local function ordinal(id) return id and #id < 16 and id ~= '' and not find(id, '%D') and tonumber(id) or nil end

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

-- And whether it is so since it was added: it was not delayed, and not tried before.
local function ready_at(base, id)
  local job = try('HMGET', base .. id, 'timestamp', 'processedOn', 'opts')
  local added = job and finite(job[1])
  if not added then return nil, false end
  local ready, started = added + delay_of(job[3]), finite(job[2]) or 0
  if started > ready then return started, false end
  return ready, ready == added
end

-- The earliest of some jobs. BullMQ counts its ids up: one that was added later is not looked at where the first to be
-- added is ready since then.
local function oldest(base, ids)
  local lowest, lowest_id, ordinals = nil, nil, {}
  for i = 1, #ids do
    local number = ordinal(ids[i])
    ordinals[i] = number
    if number and (not lowest or number < lowest) then lowest, lowest_id = number, ids[i] end
  end
  local first, settled = nil, false
  if lowest then first, settled = ready_at(base, lowest_id) end
  for i = 1, #ids do
    if ids[i] ~= lowest_id and not (settled and ordinals[i]) then first = earlier(first, ready_at(base, ids[i])) end
  end
  return first
end

local function class_of(score) return floor(tonumber(score) / 4294967296) end

-- The job at the head of the priority class that is served next, and of the one that is served last, added to ids. Few
-- are cheaper read at once.
local function add_prioritized(ids, key, count)
  local head, starved
  if count <= FEW then
    local scored = try('ZRANGE', key, '0', '-1', 'WITHSCORES')
    if not scored or not scored[2] then return end
    head = scored[1]
    local i, class = #scored - 1, class_of(scored[#scored])
    while i > 1 and class_of(scored[i - 1]) == class do i = i - 2 end
    starved = scored[i]
  else
    head = first_of(try('ZRANGE', key, '0', '0'))
    local tail = try('ZRANGE', key, '-1', '-1', 'WITHSCORES')
    local from = tail and tail[2] and text_of[class_of(tail[2]) * 4294967296]
    starved = from and first_of(try('ZRANGEBYSCORE', key, from, '+inf', 'LIMIT', '0', '1'))
  end
  ids[#ids + 1] = head
  if starved ~= head then ids[#ids + 1] = starved end
end

local function sample(base, key, active, ids, alone)
  local looked, orphaned, held, order = 0, 0, {}, {}
  local stop = math.min(active, most)
  while looked < stop do
    if looked > 0 then
      if not alone and spent() then return nil end
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
        if not held[name] then order[#order + 1] = name end
        held[name] = (held[name] or 0) + 1
      else
        orphaned = orphaned + 1
      end
    end
    looked, seen = looked + #ids, seen + #ids
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
  local wait_key, prioritized_key = base .. 'wait', base .. 'prioritized'
  local delayed_key, active_key, limiter_key = base .. 'delayed', base .. 'active', base .. 'limiter'
  local listed = call('LLEN', wait_key)
  local prioritized = call('ZCARD', prioritized_key)
  local delayed = call('ZCARD', delayed_key)
  local ids = try('LRANGE', active_key, OLDEST, '-1')
  local active = ids and #ids < SLICE and #ids or call('LLEN', active_key)
  local children = call('ZCARD', base .. 'waiting-children')
  local added, count = call('GET', base .. 'id'), try('GET', limiter_key)
  local meta = call('HMGET', base .. 'meta', 'paused', 'concurrency', 'max', 'duration')
  local paused = meta[1] and true or false
  -- Where BullMQ 5 keeps what waits in a paused queue.
  local paused_jobs = paused and call('LLEN', base .. 'paused') or 0
  local exists = 1
  if not added and listed + paused_jobs + prioritized + delayed + active + children == 0 then
    exists = call('EXISTS', base .. 'meta')
  end
  local wait, first, waiting_ids = listed, nil, {}
  if listed > 0 then
    local next_id = try('LINDEX', wait_key, '-1')
    -- BullMQ 4 left a marker at the end of the list which is no job.
    if next_id and string.sub(next_id, 1, 2) == '0:' then wait = listed - 1 end
    waiting_ids[1] = next_id
    if listed > 1 then waiting_ids[#waiting_ids + 1] = try('LINDEX', wait_key, '0') end
  end
  local due, soon = 0, 0
  if delayed > 0 then
    soon = call('ZCOUNT', delayed_key, '-inf', due_soon)
    if soon > 0 then due = call('ZCOUNT', delayed_key, '-inf', due_now) end
    if due > 0 then
      local head = try('ZRANGE', delayed_key, '0', '0', 'WITHSCORES')
      local at = head and head[2] and floor(tonumber(head[2]) / 4096)
      if at and at <= now then first = earlier(first, at) end
    end
  end
  if prioritized > 0 then add_prioritized(waiting_ids, prioritized_key, prioritized) end
  first = earlier(first, oldest(base, waiting_ids))
  local ttl = count and try('PTTL', limiter_key) or -1
  local began, ended = '', ''
  if active > 0 and wait + prioritized + due > 0 then began, ended = last_run(base) end
  local looked, orphaned, held = 0, 0, {}
  if active > 0 then looked, orphaned, held = sample(base, active_key, active, ids, alone) end
  if not looked then return nil end
  local fields = table.concat({
    text_of[wait], text_of[paused_jobs], text_of[prioritized], text_of[due], text_of[soon], text_of[delayed],
    text_of[active], text_of[children],
    written(added), paused and '1' or '0', written(meta[2]), written(meta[3]), written(count), text_of[ttl],
    first and string.format('%.0f', floor(first)) or '', text_of[exists], text_of[looked], text_of[orphaned],
    began, ended, written(meta[4])
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
