#!lua
-- Takes a task out of the list of tasks.
--
-- KEYS   the sets that it may be in
-- ARGV   the task as a member
-- Reply  1
-- Try    ops/redis/script UnlistTaskScript 'ft:{tasks}:all' 'ft:{tasks}:active' , 'video_1 '

for _, set in ipairs(KEYS) do redis.call('ZREM', set, ARGV[1]) end
return 1
