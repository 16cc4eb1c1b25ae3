-- Puts tasks whose lease ran out back as the next to be taken, and notes the attempt that ended so.
-- KEYS  1 {pool}:queue   2 {pool}:inflight   3 {pool}:leases   4 {pool}:attempts
-- ARGV  1 now in milliseconds, or "" for the server's clock   2 now as ISO 8601
-- Answers how many.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
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
return #expired
