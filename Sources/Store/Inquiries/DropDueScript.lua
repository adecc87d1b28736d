#!lua
-- Removes a channel that is finished, unless a node has added it anew or postponed it since.
--
-- KEYS   a sorted set of channels by Redis' milliseconds
-- ARGV   channel, the time at which it was due when the caller read it
-- Reply  1, or 0 where it stays
-- Try    ops/redis/script DropDueScript 'ft:{inquiries}:due' , task:t 1700000000000

local known = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]))
if known ~= tonumber(ARGV[2]) then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])
