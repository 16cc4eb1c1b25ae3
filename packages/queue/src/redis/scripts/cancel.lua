-- Takes a waiting task out of the queue, or asks whoever runs it to stop.
-- KEYS  1 {pool}:queue   2 {pool}:cancel   3 {pool}:attempts
-- ARGV  1 task id
-- Answers 1 when it waited and is out, else 0: the request stands until the task is settled.
for _, entry in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if string.find(entry, ARGV[1], 1, true) then
    local decoded, task = pcall(cjson.decode, entry)
    if decoded and type(task) == 'table' and task.task_id == ARGV[1] then
      redis.call('LREM', KEYS[1], 0, entry)
      redis.call('HDEL', KEYS[3], ARGV[1])
      redis.call('SREM', KEYS[2], ARGV[1])
      return 1
    end
  end
end
redis.call('SADD', KEYS[2], ARGV[1])
return 0
