#!lua
-- Keeps a message of `topics` that a client must acknowledge; a message that is already kept stays unchanged.
--
-- KEYS   the client's hash (AcknowledgementsKept.swift)
-- ARGV   holder, message id, text, most messages, seconds to live
-- Reply  1, or 0 where there is no room or another connection holds them
-- Try    ops/redis/script AddAcknowledgementScript 'ft:{ack:5:alice:c1}' , '1000 a 1' m1 '{}' 100 600

local key, holder, id = KEYS[1], ARGV[1], ARGV[2]
local current = redis.call('HGET', key, '@')
if current and current > holder then return 0 end
if redis.call('HLEN', key) > tonumber(ARGV[4]) and redis.call('HEXISTS', key, id) == 0 then return 0 end
local time = redis.call('TIME')
redis.call('HSET', key, '@', holder)
redis.call('HSETNX', key, id, string.format('0 %d\n', time[1] * 1000 + math.floor(time[2] / 1000)) .. ARGV[3])
redis.call('EXPIRE', key, ARGV[5])
return 1
