#!lua
-- Takes a task out of the list of tasks.
--
-- KEYS   the lease of the loop that keeps the list, and the sets that the task may be in
-- ARGV   the loop's name, the task as a member
-- Reply  1; 0 where another loop keeps the list, and nothing was written
-- Try    ops/redis/script UnlistTaskScript 'ft:{tasks}:keeper' 'ft:{tasks}:all' 'ft:{tasks}:active' , loop-1 'video_1 '

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for place = 2, #KEYS do redis.call('ZREM', KEYS[place], ARGV[2]) end
return 1
