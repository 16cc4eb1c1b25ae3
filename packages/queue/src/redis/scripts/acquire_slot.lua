-- Takes a slot of a scanner, or renews the one that the holder has.
-- KEYS  1 nmcp:slots:{scanner}   2 nmcp:slots:last_used
-- ARGV  1 holder   2 number of slots   3 now in milliseconds, or "" for the server's clock   4 lease in milliseconds
--       5 scanner
-- Answers 1, or 0 when all slots are taken.
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local lease = tonumber(ARGV[4])
-- slots that are held longer than any was given: the clock was set back
local far = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now + math.max(10 * lease, 600000)), '+inf')
for _, holder in ipairs(far) do redis.call('ZADD', KEYS[1], string.format('%.0f', now + lease), holder) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not held then
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
  redis.call('HSET', KEYS[2], ARGV[5], string.format('%.0f', now))
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + lease), ARGV[1])
return 1
