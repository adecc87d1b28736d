#!lua
-- Forgets an acknowledged message.
--
-- KEYS   the client's hash (AcknowledgementsKept.swift)
-- ARGV   message id
-- Reply  1
-- Try    ops/redis/script RemoveAcknowledgementScript 'ft:{ack:5:alice:c1}' , m1

redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('HLEN', KEYS[1]) <= 1 then redis.call('DEL', KEYS[1]) end
return 1
