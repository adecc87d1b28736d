#!lua
-- Takes channels that are due, and postpones them, so that another node takes them over if this one dies.
--
-- KEYS   a sorted set of channels by Redis' milliseconds
-- ARGV   how many at most, milliseconds
-- Reply  `[channel, when it is due next, …]`
-- Try    ops/redis/script TakeDueScript 'ft:{inquiries}:due' , 16 15000

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local next_time = string.format('%d', now + ARGV[2])
local answer = {}
for _, channel in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now), 'LIMIT', 0, ARGV[1])) do
    redis.call('ZADD', KEYS[1], next_time, channel)
    answer[#answer + 1], answer[#answer + 2] = channel, next_time
end
return answer
