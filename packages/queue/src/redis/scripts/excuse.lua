-- Takes back an attempt whose consumer turned out to be alive.
-- KEYS  1 {pool}:attempts
-- ARGV  1 task id   2 fence of the attempt
-- Answers 1, or 0 when there is no such attempt.
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known then return 0 end
local kept, found = {}, 0
for _, attempt in ipairs(cjson.decode(known)) do
  if string.format('%.0f', attempt.fence) == ARGV[2] then found = 1 else kept[#kept + 1] = attempt end
end
if found == 0 then return 0 end
if #kept == 0 then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(kept)) end
return 1
