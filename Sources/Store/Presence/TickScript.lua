#!lua flags=allow-oom
-- Announces the users who are due to be announced as gone, and lists late loops. Does nothing during the grace after an outage.
--
-- KEYS   PresenceKeys.shared
-- ARGV   lease and heartbeat in ms, channel of everyone, most users online for announcements, the part before the
--        incarnation in the name of a loop's control channel
-- Reply  the incarnations to reap: dead ones that are not empty yet, those whose lease is over, and those late by half a
--        heartbeat whose control channel has no subscriber (the kernel closes a killed process's sockets at once); then,
--        in a cluster, those that are late, of which the caller must ask every server for subscribers
-- Parts  Presence
-- Try    ops/redis/script TickScript KEY… , 6000 2000 everyone 2000 ft:{online}:node:

-- Users announced as gone in one call.
local announced_at_once = 100

local ms, lease, period = now(), tonumber(ARGV[1]), tonumber(ARGV[2])
local known = redis.call('HMGET', meta, 'hb', 'grace')
if not known[1] or ms - tonumber(known[1]) > lease / 2 or ms < (tonumber(known[2]) or 0) then return {{}, {}} end

local due = redis.call('ZRANGEBYSCORE', waiting, '-inf', ms, 'LIMIT', 0, announced_at_once)
for _, user in ipairs(due) do
    redis.call('ZREM', waiting, user)
    announce(user, 'offline', ms, ARGV[3], tonumber(ARGV[4]))
end

local gone = redis.call('ZRANGE', dead, 0, 9)
for _, incarnation in ipairs(redis.call('ZRANGEBYSCORE', nodes, '-inf', ms - lease, 'LIMIT', 0, 10)) do
    gone[#gone + 1] = incarnation
end
local late = redis.call('ZRANGEBYSCORE', nodes, '(' .. whole(ms - lease), whole(ms - period * 1.5), 'LIMIT', 0, 10)
-- In a cluster NUMSUB counts the subscribers of this server alone.
if #late > 0 and string.find(redis.call('INFO', 'server'), '_mode:cluster', 1, true) then return {gone, late} end
for _, incarnation in ipairs(late) do
    if redis.call('PUBSUB', 'NUMSUB', ARGV[5] .. incarnation)[2] == 0 then gone[#gone + 1] = incarnation end
end
return {gone, {}}
