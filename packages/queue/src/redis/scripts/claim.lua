-- Puts tasks whose lease ran out back as the next to be taken, noting the attempts that ended so; then takes the next task
-- under a lease.
-- KEYS  1 {pool}:queue   2 {pool}:inflight   3 {pool}:leases   4 {pool}:attempts   5 {pool}:fence   6 {pool}:queue:dead
-- ARGV  1 now in milliseconds, or "" for the server's clock   2 lease in milliseconds   3 consumer
--       4 now as ISO 8601   5 pool
-- Answers false when nothing waits, or {entry, fence, the earlier attempts as JSON or ""}. An entry without a task_id goes
-- to the dead letters in the same step, so that it cannot get lost.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
-- Tasks whose lease ran out
local expired = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now), 'LIMIT', 0, 100)
for i = #expired, 1, -1 do
  local id = expired[i]
  local record = redis.call('HGET', KEYS[2], id)
  redis.call('ZREM', KEYS[3], id)
  if record then
    redis.call('HDEL', KEYS[2], id)
    -- a record is: fence, line end, consumer, line end, entry
    local first = string.find(record, '\n', 1, true)
    local second = string.find(record, '\n', first + 1, true)
    redis.call('RPUSH', KEYS[1], string.sub(record, second + 1))
    local attempts = cjson.decode(redis.call('HGET', KEYS[4], id) or '[]')
    attempts[#attempts + 1] = {
      consumer = string.sub(record, first + 1, second - 1),
      fence = tonumber(string.sub(record, 1, first - 1)),
      ended_at = ARGV[4],
      error = 'The lease ran out',
    }
    redis.call('HSET', KEYS[4], id, cjson.encode(attempts))
  end
end

while true do
  local entry = redis.call('RPOP', KEYS[1])
  if not entry then return false end
  local decoded, task = pcall(cjson.decode, entry)
  local id = decoded and type(task) == 'table' and task.task_id
  if type(id) ~= 'string' then
    local problem = decoded and 'The entry has no task_id' or 'The entry is not JSON'
    local letter = cjson.encode({ raw = entry, error = problem, failed_at = ARGV[4], scanner_pool = ARGV[5] })
    redis.call('ZADD', KEYS[6], string.format('%.3f', now / 1000), letter)
  -- A task that is in flight already stands in the queue twice: the second entry is dropped.
  elseif redis.call('HEXISTS', KEYS[2], id) == 0 then
    -- A fence is at least the time, so that it grows even when the store was wiped.
    local fence = math.max((tonumber(redis.call('GET', KEYS[5])) or 0) + 1, now)
    local text = string.format('%.0f', fence)
    redis.call('SET', KEYS[5], text)
    redis.call('HSET', KEYS[2], id, text .. '\n' .. ARGV[3] .. '\n' .. entry)
    redis.call('ZADD', KEYS[3], string.format('%.0f', now + tonumber(ARGV[2])), id)
    return {entry, text, redis.call('HGET', KEYS[4], id) or ''}
  end
end
