-- Adds tasks of one pool, or one task unless its idempotency key was used before.
-- KEYS  1 {pool}:queue   2 idemp:{key}, or absent for none
-- ARGV  1 wake-up channel   2 pool   3 idempotency record, or ""   4 its time to live in seconds   then the entries
-- Answers {0, number of tasks that wait now}, or {1, the record of the first use}.
if KEYS[2] then
  local first = redis.call('GET', KEYS[2])
  if first then return {1, first} end
  redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
end
local depth = redis.call('LPUSH', KEYS[1], unpack(ARGV, 5))
-- Who sleeps found the queue empty, and was woken by the first tasks since: the hundredth need not be announced.
if depth - (#ARGV - 4) < 100 then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
return {0, depth}
