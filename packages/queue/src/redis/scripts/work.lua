-- What a worker says in one breath: ends claims whose tasks are done; puts tasks whose lease ran out back as the next to be
-- taken, noting the attempts that ended so; takes the next task for each of several consumers, under a lease.
-- KEYS  1 {pool}:queue   2 {pool}:inflight   3 {pool}:leases   4 {pool}:attempts   5 {pool}:fence   6 {pool}:queue:dead
--       7 {pool}:cancel
-- ARGV  1 now in milliseconds, or "" for the server's clock   2 now as ISO 8601   3 pool   4 number of claims to end
--       then for each of these its task id and its fence
--       then for each consumer its name and its lease in milliseconds
-- Answers a list of two: for each claim to end 1, or 0 when it is stale; and {entry, fence, the earlier attempts as JSON or
-- ""} for each consumer until nothing waits. An entry without a task_id goes to the dead letters in the same step, so that
-- it cannot get lost.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
-- Claims whose tasks are done
local consumers = 5 + 2 * tonumber(ARGV[4])
local ended = {}
for i = 5, consumers - 1, 2 do
  local id, text = ARGV[i], ARGV[i + 1]
  local record = redis.call('HGET', KEYS[2], id)
  local held = record and string.sub(record, 1, #text + 1) == text .. '\n'
  if held then
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[3], id)
    redis.call('HDEL', KEYS[4], id)
    redis.call('SREM', KEYS[7], id)
  end
  ended[#ended + 1] = held and 1 or 0
end
if consumers > #ARGV then return {ended, {}} end

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
      ended_at = ARGV[2],
      error = 'The lease ran out',
    }
    redis.call('HSET', KEYS[4], id, cjson.encode(attempts))
  end
end

-- A fence is at least the time, so that it grows even when the store was wiped.
local fence = math.max((tonumber(redis.call('GET', KEYS[5])) or 0) + 1, now)
local taken = {}
for i = consumers, #ARGV, 2 do
  local claim = false
  while not claim do
    local entry = redis.call('RPOP', KEYS[1])
    if not entry then break end
    local decoded, task = pcall(cjson.decode, entry)
    local id = decoded and type(task) == 'table' and task.task_id
    if type(id) ~= 'string' then
      local problem = decoded and 'The entry has no task_id' or 'The entry is not JSON'
      local letter = cjson.encode({ raw = entry, error = problem, failed_at = ARGV[2], scanner_pool = ARGV[3] })
      redis.call('ZADD', KEYS[6], string.format('%.3f', now / 1000), letter)
    else
      local text = string.format('%.0f', fence)
      -- A task that is in flight already stands in the queue twice: the second entry is dropped.
      if redis.call('HSETNX', KEYS[2], id, text .. '\n' .. ARGV[i] .. '\n' .. entry) == 1 then
        redis.call('ZADD', KEYS[3], string.format('%.0f', now + tonumber(ARGV[i + 1])), id)
        claim = { entry, text, redis.call('HGET', KEYS[4], id) or '' }
        fence = fence + 1
      end
    end
  end
  if not claim then break end
  taken[#taken + 1] = claim
end
if #taken > 0 then redis.call('SET', KEYS[5], string.format('%.0f', fence - 1)) end
return {ended, taken}
