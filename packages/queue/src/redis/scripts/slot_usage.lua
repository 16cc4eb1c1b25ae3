-- How many slots of scanners are held, and when one of them was last taken.
-- KEYS  1 nmcp:slots:last_used   2 and on nmcp:slots:{scanner}
-- ARGV  1 now in milliseconds, or "" for the server's clock   2 and on the scanners
-- Answers two of each scanner: the number, and milliseconds or "".
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local answer = {}
for i = 2, #KEYS do
  answer[#answer + 1] = redis.call('ZCOUNT', KEYS[i], string.format('(%.0f', now), '+inf')
  answer[#answer + 1] = redis.call('HGET', KEYS[1], ARGV[i]) or ''
end
return answer
