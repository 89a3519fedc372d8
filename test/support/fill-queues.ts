import type { Redis } from 'ioredis';

/** What each of many queues holds; jobs have a hash, active ones a lock, as BullMQ leaves them. */
export type Filling = {
  readonly waiting: number;
  readonly prioritized: number;
  readonly delayed: number;
  readonly active: number;
};

/** Writes many queues at once, without a Queue object each: names are `q0`, `q1`, … Returns them. */
export async function fillQueues(
  redis: Redis,
  count: number,
  filling: Filling = { waiting: 5, prioritized: 3, delayed: 2, active: 1 },
): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `q${index}`);
  for (let from = 0; from < count; from += BATCH) {
    await redis.eval(FILL, 0, ...names.slice(from, from + BATCH), ...fields(filling));
  }
  return names;
}

const BATCH = 500;

function fields({ waiting, prioritized, delayed, active }: Filling): number[] {
  return [waiting, prioritized, delayed, active, Date.now()];
}

const FILL = `
local now = tonumber(ARGV[#ARGV])
local function job(base, id)
  redis.call('HSET', base .. id, 'name', 'job', 'data', '{}', 'opts', '{"attempts":3}', 'timestamp', now - 1000 + id)
  return id
end
for i = 1, #ARGV - 5 do
  local base, id = 'bull:' .. ARGV[i] .. ':', 0
  local function each(count, add)
    for _ = 1, tonumber(count) do id = id + 1; add(job(base, id)) end
  end
  each(ARGV[#ARGV - 4], function(job_id) redis.call('LPUSH', base .. 'wait', job_id) end)
  each(ARGV[#ARGV - 3], function(job_id) redis.call('ZADD', base .. 'prioritized', (job_id % 3 + 1) * 4294967296 + job_id, job_id) end)
  each(ARGV[#ARGV - 2], function(job_id) redis.call('ZADD', base .. 'delayed', (now + 3600000) * 4096 + job_id, job_id) end)
  each(ARGV[#ARGV - 1], function(job_id)
    redis.call('LPUSH', base .. 'active', job_id)
    redis.call('HSET', base .. job_id, 'pb', 'worker.' .. (job_id % 4))
    redis.call('SET', base .. job_id .. ':lock', 'token', 'PX', 600000)
  end)
  redis.call('SET', base .. 'id', id)
  redis.call('HSET', base .. 'meta', 'opts.maxLenEvents', 10000, 'version', 'bullmq:6.7.0')
end`;
