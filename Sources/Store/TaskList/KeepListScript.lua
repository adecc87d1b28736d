#!lua
-- Takes or renews the lease of the loop that keeps the list of tasks, or gives it back.
--
-- KEYS   the lease
-- ARGV   the loop's name, the lease's milliseconds (0 gives it back)
-- Reply  2 where the loop got the lease now, 1 where it had it already, 0 where it has it not
-- Try    ops/redis/script KeepListScript 'ft:{tasks}:keeper' , loop-1 6000

local keeper = redis.call('GET', KEYS[1])
if keeper and keeper ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
    redis.call('DEL', KEYS[1])
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return keeper and 1 or 2
