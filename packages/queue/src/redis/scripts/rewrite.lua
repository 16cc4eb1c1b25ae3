-- Replaces the entry of a claim, if it still holds.
-- KEYS  1 {pool}:inflight
-- ARGV  1 task id   2 fence   3 entry
-- Answers 1, or 0 for a stale claim.
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record or string.sub(record, 1, #ARGV[2] + 1) ~= ARGV[2] .. '\n' then return 0 end
-- a record is: fence, line end, consumer, line end, entry
local second = string.find(record, '\n', #ARGV[2] + 2, true)
redis.call('HSET', KEYS[1], ARGV[1], string.sub(record, 1, second) .. ARGV[3])
return 1
