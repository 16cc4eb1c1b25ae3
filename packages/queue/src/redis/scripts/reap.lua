-- Puts tasks whose lease ran out back as the next to be taken.
-- KEYS  1 {pool}:queue   2 {pool}:inflight   3 {pool}:leases
-- ARGV  1 now in milliseconds, or "" for the server's clock
-- Answers how many.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local expired = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now), 'LIMIT', 0, 100)
for i = #expired, 1, -1 do
  local record = redis.call('HGET', KEYS[2], expired[i])
  redis.call('ZREM', KEYS[3], expired[i])
  if record then
    redis.call('HDEL', KEYS[2], expired[i])
    -- a record is: fence, line end, consumer, line end, entry
    local first = string.find(record, '\n', 1, true)
    local second = string.find(record, '\n', first + 1, true)
    redis.call('RPUSH', KEYS[1], string.sub(record, second + 1))
  end
end
return #expired
