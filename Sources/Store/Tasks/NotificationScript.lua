#!lua
-- Publishes a notification to a user once, by the name that its sender gave it. A notification without a name needs no script
-- but PUBLISH, since Redis does not store notifications.
--
-- KEYS   the key that remembers the notification
-- ARGV   channel, message, the request that the message was made from, the notification's id
-- Reply  `['', id, receivers]`, the first reply when the name was used before; the error MISMATCH when its request was
--        another
-- Parts  Rights Once
-- Try    ops/redis/script NotificationScript 'ft:{user:alice}:i:n1' , user:alice '{"type":"notification"}' '{}' 7

return once(KEYS[1], {ARGV[1], ARGV[3]}, function()
    return {'', tonumber(ARGV[4]), redis.call('PUBLISH', ARGV[1], ARGV[2])}
end)
