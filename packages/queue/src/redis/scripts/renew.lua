-- Makes a lease run anew, if the claim still holds.
-- KEYS  1 {pool}:inflight   2 {pool}:leases
-- ARGV  1 task id   2 fence   3 now in milliseconds, or "" for the server's clock   4 lease in milliseconds
-- Answers 1, or 0 for a stale claim.
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record or string.sub(record, 1, #ARGV[2] + 1) ~= ARGV[2] .. '\n' then return 0 end
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
redis.call('ZADD', KEYS[2], string.format('%.0f', now + tonumber(ARGV[4])), ARGV[1])
return 1
