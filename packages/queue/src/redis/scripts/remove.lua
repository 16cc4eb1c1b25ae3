-- Takes a waiting task out of the queue.
-- KEYS  1 {pool}:queue   2 {pool}:attempts
-- ARGV  1 task id
-- Answers 1 when it waited and is out, else 0.
for _, entry in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if string.find(entry, ARGV[1], 1, true) then
    local decoded, task = pcall(cjson.decode, entry)
    if decoded and type(task) == 'table' and task.task_id == ARGV[1] then
      redis.call('LREM', KEYS[1], 0, entry)
      redis.call('HDEL', KEYS[2], ARGV[1])
      return 1
    end
  end
end
return 0
