#!lua
-- Postpones a channel, or adds it.
--
-- KEYS   a sorted set of channels by Redis' milliseconds
-- ARGV   channel, milliseconds
-- Reply  the time at which it is due now
-- Try    ops/redis/script DelayDueScript 'ft:{inquiries}:due' , task:t 30000

local time = redis.call('TIME')
local at = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2])
redis.call('ZADD', KEYS[1], at, ARGV[1])
return at
