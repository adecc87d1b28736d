#!lua
-- Asks every loop to close a user's connections: WebSockets, and event streams, which are not counted.
--
-- KEYS   `nodes`, `u`
-- ARGV   user, message, the part before the incarnation in the name of a loop's control channel
-- Reply  how many connections the user had
-- Try    ops/redis/script DisconnectScript 'ft:{online}:nodes' 'ft:{online}:u' , alice 'close alice' ft:{online}:node:

for _, incarnation in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    redis.call('PUBLISH', ARGV[3] .. incarnation, ARGV[2])
end
return tonumber(redis.call('HGET', KEYS[2], ARGV[1])) or 0
