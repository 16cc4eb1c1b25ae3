-- What a worker says in one breath: ends claims whose tasks are done; puts tasks whose lease ran out back as the next to be
-- taken, noting the attempts that ended so; takes the next task for each of several consumers, under a lease.
-- KEYS  1 {pool}:queue   2 {pool}:inflight   3 {pool}:leases   4 {pool}:attempts   5 {pool}:fence   6 {pool}:queue:dead
--       7 {pool}:cancel
-- ARGV  1 now in milliseconds, or "" for the server's clock   2 now as ISO 8601   3 pool   4 number of claims to end
--       then for each of these its task id and its fence
--       then for each consumer its name and its lease in milliseconds
-- Answers a list of two: for each claim to end 1, or 0 when it is stale; and {task id, entry, fence, the earlier
-- attempts as JSON or ""} for each consumer until nothing waits. An entry without a task_id goes to the dead letters in the
-- same step, so that it cannot get lost. An entry with one may still be no JSON after it: the caller looks.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
-- Claims whose tasks are done
local consumers = 5 + 2 * tonumber(ARGV[4])
local ended = {}
if consumers > 5 then
  local ids, done = {}, {}
  for i = 5, consumers - 1, 2 do ids[#ids + 1] = ARGV[i] end
  local records = redis.call('HMGET', KEYS[2], unpack(ids))
  local seen = {}
  for i, id in ipairs(ids) do
    local text = ARGV[4 + 2 * i] .. '\n'
    local held = records[i] and not seen[id] and string.sub(records[i], 1, #text) == text
    ended[i] = held and 1 or 0
    if held then
      seen[id] = true
      done[#done + 1] = id
    end
  end
  if #done > 0 then
    redis.call('HDEL', KEYS[2], unpack(done))
    redis.call('ZREM', KEYS[3], unpack(done))
    redis.call('HDEL', KEYS[4], unpack(done))
    redis.call('SREM', KEYS[7], unpack(done))
  end
end
if consumers > #ARGV then return {ended, {}} end

-- Leases that end later than any was given: the clock was set back. They begin anew. Workers may differ in their leases.
local lease = tonumber(ARGV[consumers + 1])
local far = redis.call('ZRANGEBYSCORE', KEYS[3], string.format('(%.0f', now + math.max(10 * lease, 600000)), '+inf', 'LIMIT', 0, 100)
for _, id in ipairs(far) do redis.call('ZADD', KEYS[3], string.format('%.0f', now + lease), id) end

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
local entries, ids, records, leases, deadlines = {}, {}, {}, {}, {}
local wanted = (#ARGV - consumers + 1) / 2
while #ids < wanted do
  local popped = redis.call('RPOP', KEYS[1], wanted - #ids)
  if not popped or #popped == 0 then break end
  local found, found_ids, new = {}, {}, {}
  for _, entry in ipairs(popped) do
    -- Entries begin with their id, ours and v3.0's; decoding them costs more than all the rest.
    local id, decoded, task = string.match(entry, '^{"task_id": ?"([^"\\]+)"')
    if not id then
      decoded, task = pcall(cjson.decode, entry)
      id = decoded and type(task) == 'table' and task.task_id
    end
    if type(id) ~= 'string' then
      local problem = decoded and 'The entry has no task_id' or 'The entry is not JSON'
      local letter = cjson.encode({ raw = entry, error = problem, failed_at = ARGV[2], scanner_pool = ARGV[3] })
      redis.call('ZADD', KEYS[6], string.format('%.3f', now / 1000), letter)
    elseif not new[id] then
      new[id] = true
      found[#found + 1], found_ids[#found_ids + 1] = entry, id
    end
  end
  -- A task that is in flight already stands in the queue twice: the second entry is dropped.
  local in_flight = #found_ids > 0 and redis.call('HMGET', KEYS[2], unpack(found_ids)) or {}
  for i, id in ipairs(found_ids) do
    if not in_flight[i] then
      local at = consumers + 2 * #ids
      local text = string.format('%.0f', fence)
      ids[#ids + 1], entries[#entries + 1] = id, { id, found[i], text }
      records[#records + 1], records[#records + 2] = id, text .. '\n' .. ARGV[at] .. '\n' .. found[i]
      local ends = deadlines[ARGV[at + 1]] or string.format('%.0f', now + tonumber(ARGV[at + 1]))
      deadlines[ARGV[at + 1]] = ends
      leases[#leases + 1], leases[#leases + 2] = ends, id
      fence = fence + 1
    end
  end
  if #records > 0 then
    redis.call('HSET', KEYS[2], unpack(records))
    records = {}
  end
end
if #ids > 0 then
  redis.call('ZADD', KEYS[3], unpack(leases))
  redis.call('SET', KEYS[5], string.format('%.0f', fence - 1))
  for i, attempts in ipairs(redis.call('HMGET', KEYS[4], unpack(ids))) do entries[i][4] = attempts or '' end
end
return {ended, entries}
