#!lua
-- Asks whether to send a message again, and counts the attempt.
--
-- KEYS   the client's hash (AcknowledgementsKept.swift)
-- ARGV   holder, message id, the attempt's number, most attempts
-- Reply  the number; 0 where the message was acknowledged or another connection holds it; -1 where it has had its last attempt
-- Try    ops/redis/script AttemptAcknowledgementScript 'ft:{ack:5:alice:c1}' , '1000 a 1' m1 1 5

local key, holder, id = KEYS[1], ARGV[1], ARGV[2]
local entry = redis.call('HGET', key, id)
if not entry or redis.call('HGET', key, '@') ~= holder then return 0 end
if tonumber(ARGV[3]) > tonumber(ARGV[4]) then
    redis.call('HDEL', key, id)
    if redis.call('HLEN', key) == 1 then redis.call('DEL', key) end
    return -1
end
redis.call('HSET', key, id, ARGV[3] .. string.match(entry, '^%d+(.*)$'))
return tonumber(ARGV[3])
