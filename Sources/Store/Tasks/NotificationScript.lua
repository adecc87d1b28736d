#!lua
-- Tells a person something once, by the name that its sender gave it. Without a name a plain PUBLISH does: a notification is live,
-- and nothing of it is kept.
--
-- KEYS   where it is remembered
-- ARGV   channel, message, what the message was made of, its id
-- Reply  `['', id, receivers]`, said before under the same name as it was answered then; the error MISMATCH where something else was
-- Parts  Rights Once
-- Try    ops/redis/script NotificationScript 'ft:{user:alice}:i:n1' , user:alice '{"type":"notification"}' '{}' 7

return once(KEYS[1], {ARGV[1], ARGV[3]}, function()
    return {'', tonumber(ARGV[4]), redis.call('PUBLISH', ARGV[1], ARGV[2])}
end)
