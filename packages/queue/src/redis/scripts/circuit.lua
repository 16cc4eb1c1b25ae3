-- The circuit breaker of one scanner.
-- KEYS  1 nmcp:circuit:{scanner}
-- ARGV  1 "allow", "fail" or "succeed"   2 now in milliseconds, or "" for the server's clock
--       3 milliseconds that it stays open, and that a probe may take   4 failures that open it   5 why it failed
-- allow:   1 when a call may be made, 0 when the circuit is open. Once it was open long enough, one caller is let through.
-- fail:    2 when this failure opened it, else 1.
-- succeed: 1 when it had to be closed, else 0.
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local key = KEYS[1]
local open_until = tonumber(redis.call('HGET', key, 'open_until'))
local open_ms = tonumber(ARGV[3])
if ARGV[1] == 'allow' then
  if not open_until then return 1 end
  local probe_until = tonumber(redis.call('HGET', key, 'probe_until')) or 0
  -- times that are farther away than any was given: the clock was set back
  if open_until > now + open_ms then open_until = now end
  if probe_until > now + open_ms then probe_until = now end
  if now < open_until or now < probe_until then return 0 end
  redis.call('HSET', key, 'probe_until', string.format('%.0f', now + open_ms))
  return 1
elseif ARGV[1] == 'fail' then
  -- failures long ago are no row of failures
  local last = tonumber(redis.call('HGET', key, 'failed_at')) or 0
  if not open_until and now - last > 10 * open_ms then redis.call('DEL', key) end
  redis.call('HSET', key, 'failed_at', string.format('%.0f', now), 'reason', ARGV[5])
  local failures = redis.call('HINCRBY', key, 'failures', 1)
  if not open_until and failures < tonumber(ARGV[4]) then return 1 end
  redis.call('HSET', key, 'open_until', string.format('%.0f', now + open_ms))
  redis.call('HDEL', key, 'probe_until')
  return (not open_until or now >= open_until) and 2 or 1
else
  return redis.call('DEL', key)
end
