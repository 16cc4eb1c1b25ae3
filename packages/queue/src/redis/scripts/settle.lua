-- Ends a claim: the task goes back to the queue, or to the dead letters.
-- KEYS  1 {pool}:queue   2 {pool}:inflight   3 {pool}:leases   4 {pool}:attempts   5 {pool}:queue:dead
-- ARGV  1 task id   2 fence   3 "give_back" or "fail"
--       4 for give_back the entry, for fail the dead letter   5 for fail its score, in Unix seconds
-- Answers 1, or 0 for a stale claim.
local record = redis.call('HGET', KEYS[2], ARGV[1])
if not record or string.sub(record, 1, #ARGV[2] + 1) ~= ARGV[2] .. '\n' then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
if ARGV[3] == 'give_back' then
  redis.call('RPUSH', KEYS[1], ARGV[4])
else
  redis.call('HDEL', KEYS[4], ARGV[1])
  redis.call('ZADD', KEYS[5], ARGV[5], ARGV[4])
end
return 1
