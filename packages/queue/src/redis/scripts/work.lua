-- What a worker says in one breath: ends claims whose tasks are done; puts tasks whose lease ran out back as the next to be
-- taken, noting the attempts that ended so; takes the next task for each of several consumers, under a lease.
-- KEYS  1 {pool}:queue   2 {pool}:inflight   3 {pool}:leases   4 {pool}:attempts   5 {pool}:fence   6 {pool}:queue:dead
-- ARGV  1 now in milliseconds, or "" for the server's clock   2 now as ISO 8601   3 pool   4 number of claims to end
--       then for each of these its task id and its fence
--       then for each consumer its name and its lease in milliseconds
-- Answers a list: a text with "1" for each claim to end, or "0" when it is stale; the fence of the new claims; their task
-- ids, each on a line; for each the earlier attempts as JSON or "", or an empty list when nobody has any; then their
-- entries. There are as many as tasks waited for the consumers, in their order. Few long texts are read faster than many
-- short ones. An entry without a task_id goes to the dead letters in the same step, so that it cannot get lost. An entry
-- with one may still be no JSON after it: the caller looks.
-- An in-flight record is: fence, line end, consumer, line end, entry.
local call, find, format, match, sub = redis.call, string.find, string.format, string.match, string.sub
local QUEUE, INFLIGHT, LEASES, ATTEMPTS, FENCE, DEAD = unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local any_attempts = call('EXISTS', ATTEMPTS) == 1

-- Claims whose tasks are done
local consumers = 5 + 2 * tonumber(ARGV[4])
local ended = {}
if consumers > 5 then
  local ids, done, seen = {}, {}, {}
  for i = 5, consumers - 1, 2 do ids[#ids + 1] = ARGV[i] end
  local records = call('HMGET', INFLIGHT, unpack(ids))
  for i = 1, #ids do
    local id = ids[i]
    local held = records[i] and not seen[id] and find(records[i], ARGV[4 + 2 * i] .. '\n', 1, true) == 1
    ended[i] = held and '1' or '0'
    if held then
      seen[id] = true
      done[#done + 1] = id
    end
  end
  if #done > 0 then
    call('HDEL', INFLIGHT, unpack(done))
    call('ZREM', LEASES, unpack(done))
    if any_attempts then call('HDEL', ATTEMPTS, unpack(done)) end
  end
end
ended = table.concat(ended)
if consumers > #ARGV then return {ended} end

-- Leases that end later than any was given: the clock was set back. They begin anew. Workers may differ in their leases.
local lease = tonumber(ARGV[consumers + 1])
local latest = now + math.max(10 * lease, 600000)
local far = call('ZRANGEBYSCORE', LEASES, format('(%.0f', latest), '+inf', 'LIMIT', 0, 100)
for _, id in ipairs(far) do call('ZADD', LEASES, format('%.0f', now + lease), id) end

-- Claims without a lease: a store that is short of memory has dropped the leases. They begin anew.
if call('HLEN', INFLIGHT) > call('ZCARD', LEASES) then
  for _, id in ipairs(call('HKEYS', INFLIGHT)) do call('ZADD', LEASES, 'NX', format('%.0f', now + lease), id) end
end

-- Tasks whose lease ran out
local expired = call('ZRANGEBYSCORE', LEASES, '-inf', format('%.0f', now), 'LIMIT', 0, 100)
for i = #expired, 1, -1 do
  local id = expired[i]
  local record = call('HGET', INFLIGHT, id)
  call('ZREM', LEASES, id)
  if record then
    call('HDEL', INFLIGHT, id)
    local first = find(record, '\n', 1, true)
    local second = find(record, '\n', first + 1, true)
    call('RPUSH', QUEUE, sub(record, second + 1))
    local attempts = cjson.decode(call('HGET', ATTEMPTS, id) or '[]')
    attempts[#attempts + 1] = {
      consumer = sub(record, first + 1, second - 1),
      fence = tonumber(sub(record, 1, first - 1)),
      ended_at = ARGV[2],
      error = 'The lease ran out',
    }
    call('HSET', ATTEMPTS, id, cjson.encode(attempts))
    any_attempts = true
  end
end

-- Entries begin with their id, ours and v3.0's; decoding them costs more than all the rest.
local function id_of(entry)
  local id = match(entry, '^{"task_id": ?"([^"\\%c]+)"')
  if id then return id end
  local decoded, task = pcall(cjson.decode, entry)
  if not decoded then return nil, 'The entry is not JSON' end
  id = type(task) == 'table' and task.task_id
  if type(id) ~= 'string' then return nil, 'The entry has no task_id' end
  if find(id, '%c') then return nil, 'The task_id of the entry has control characters' end
  return id
end

-- A fence is at least the time, so that it grows even when the store was wiped.
local fence = format('%.0f', math.max((tonumber(call('GET', FENCE)) or 0) + 1, now))
local ids, entries, leases, ends_of = {}, {}, {}, {}
local wanted = (#ARGV - consumers + 1) / 2
while #ids < wanted do
  local popped = call('RPOP', QUEUE, wanted - #ids)
  if not popped or #popped == 0 then break end
  local found, found_ids, is_new = {}, {}, {}
  for i = 1, #popped do
    local id, problem = id_of(popped[i])
    if problem then
      local letter = cjson.encode({ raw = popped[i], error = problem, failed_at = ARGV[2], scanner_pool = ARGV[3] })
      call('ZADD', DEAD, format('%.3f', now / 1000), letter)
    elseif not is_new[id] then
      is_new[id] = true
      found[#found + 1], found_ids[#found_ids + 1] = popped[i], id
    end
  end
  -- A task that is in flight already stands in the queue twice: the second entry is dropped.
  local in_flight = #found > 0 and call('HMGET', INFLIGHT, unpack(found_ids)) or {}
  local records = {}
  for i = 1, #found do
    if not in_flight[i] then
      local id = found_ids[i]
      local at = consumers + 2 * #ids
      local consumer, duration = ARGV[at], ARGV[at + 1]
      ids[#ids + 1], entries[#entries + 1] = id, found[i]
      records[#records + 1], records[#records + 2] = id, fence .. '\n' .. consumer .. '\n' .. found[i]
      ends_of[duration] = ends_of[duration] or format('%.0f', now + tonumber(duration))
      leases[#leases + 1], leases[#leases + 2] = ends_of[duration], id
    end
  end
  if #records > 0 then call('HSET', INFLIGHT, unpack(records)) end
end
if #ids == 0 then return {ended} end
call('ZADD', LEASES, unpack(leases))
call('SET', FENCE, fence)
local attempts = {}
if any_attempts then
  attempts = call('HMGET', ATTEMPTS, unpack(ids))
  for i = 1, #ids do attempts[i] = attempts[i] or '' end
end
return {ended, fence, table.concat(ids, '\n'), attempts, unpack(entries)}
