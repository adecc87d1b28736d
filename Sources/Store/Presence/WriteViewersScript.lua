#!lua
-- Writes how many viewers of a task one loop has: an absolute number, so that a repeated call changes nothing.
--
-- KEYS   the task's hash of viewers
-- ARGV   incarnation, viewers, seconds to live
-- Reply  1
-- Try    ops/redis/script WriteViewersScript 'ft:{task:t}:p' , inc1 2 3600

if ARGV[2] == '0' then
    redis.call('HDEL', KEYS[1], ARGV[1])
else
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
    redis.call('EXPIRE', KEYS[1], ARGV[3])
end
return 1
