#!lua
-- Adds a channel that is due in so many milliseconds. A channel that is already there stays, a millisecond later: a node
--  that read it before and found it finished sees that it was added anew and does not drop it (DropDueScript).
--
-- KEYS   a sorted set of channels by Redis' milliseconds
-- ARGV   channel, milliseconds
-- Reply  1
-- Try    ops/redis/script EnterDueScript 'ft:{inquiries}:due' , task:t 30000

local time = redis.call('TIME')
local known = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]))
local at = known and known + 1 or time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
redis.call('ZADD', KEYS[1], string.format('%d', at), ARGV[1])
return 1
