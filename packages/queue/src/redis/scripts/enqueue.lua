-- Adds a task, unless its idempotency key was used before.
-- KEYS  1 {pool}:queue   2 idemp:{key}, or "" for none
-- ARGV  1 entry   2 idempotency record   3 its time to live in seconds   4 wake-up channel   5 pool
-- Answers {0, depth}, or {1, the record of the first use}.
if KEYS[2] ~= '' then
  local first = redis.call('GET', KEYS[2])
  if first then return {1, first} end
  redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
end
local depth = redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return {0, depth}
