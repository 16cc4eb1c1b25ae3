-- Keeps an event of a session, and wakes its streams; the oldest events go when there are too many or they are too long.
-- KEYS: session (HASH), events (STREAM). ARGV: stream, label, message, most events, most bytes, idle ms, uri, revision, channel, news.
-- A change, which has a uri, is told once for each revision. Answers the event's id, or nil when there is nothing to tell.
if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
if ARGV[7] ~= '' then
  local known = redis.call('HGET', KEYS[1], 'sub:' .. ARGV[7])
  if not known or tonumber(known) >= tonumber(ARGV[8]) then return nil end
  redis.call('HSET', KEYS[1], 'sub:' .. ARGV[7], ARGV[8])
end
local id = redis.call('XADD', KEYS[2], '*', 's', ARGV[1], 'l', ARGV[2], 'm', ARGV[3])
local bytes = redis.call('HINCRBY', KEYS[1], 'bytes', #ARGV[3])
local count = redis.call('XLEN', KEYS[2])
while count > tonumber(ARGV[4]) or (bytes > tonumber(ARGV[5]) and count > 1) do
  local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
  redis.call('XDEL', KEYS[2], first[1])
  bytes = redis.call('HINCRBY', KEYS[1], 'bytes', -#first[2][6])
  count = count - 1
  if first[2][4] == '' then redis.call('HSET', KEYS[1], 'removed', first[1]) end
end
redis.call('PEXPIRE', KEYS[2], ARGV[6])
if ARGV[2] == '' then redis.call('PUBLISH', ARGV[9], ARGV[10]) end
return id
