#!lua flags=no-writes
-- Reads whether one user is online, and its status.
--
-- KEYS   `u`, `s`, `off`
-- ARGV   user
-- Reply  `[ms, connections, status or nil, last seen or nil]`
-- Try    ops/redis/script UserStatusScript 'ft:{online}:u' 'ft:{online}:s' 'ft:{online}:off' , alice

local user, time = ARGV[1], redis.call('TIME')
return {
    time[1] * 1000 + math.floor(time[2] / 1000), tonumber(redis.call('HGET', KEYS[1], user)) or 0,
    redis.call('HGET', KEYS[2], user), redis.call('ZSCORE', KEYS[3], user),
}
