-- What one caller uses, over all servers.
-- KEYS  1 nmcp:use:{caller}
-- ARGV  1 name of the server that says so   2 cost in its minute   3 calls in progress   4 open streams
-- Returns what the other servers have said in the last minute: cost, calls in progress, open streams.
local time = redis.call('TIME')
local now = tonumber(time[1])
redis.call('HSET', KEYS[1], ARGV[1], table.concat({ now, ARGV[2], ARGV[3], ARGV[4] }, ' '))
redis.call('EXPIRE', KEYS[1], 120)
local said = redis.call('HGETALL', KEYS[1])
local spent, calls, streams = 0, 0, 0
for i = 1, #said, 2 do
  local at, cost, underway, open = string.match(said[i + 1], '^(%d+) ([%d.]+) (%d+) (%d+)$')
  at = tonumber(at)
  if not at or now - at >= 120 then
    redis.call('HDEL', KEYS[1], said[i])
  elseif said[i] ~= ARGV[1] then
    if now - at < 60 then spent = spent + tonumber(cost) end
    -- a server that ended says nothing more
    if now - at < 15 then
      calls = calls + tonumber(underway)
      streams = streams + tonumber(open)
    end
  end
end
return { math.ceil(spent), calls, streams }
