#!lua flags=allow-oom
-- Renews a loop's lease, and compares the loop's counts with Redis'. The script stores nothing new, so it also runs where
--  Redis is out of memory: no lease ends by that.
--
-- KEYS   PresenceKeys.shared, then `n:<incarnation>`
-- ARGV   incarnation, users and connections that the loop believes it has counted, lease in ms
-- Reply  `[0]` where the loop is not registered: it was reaped, or the data is lost. Else `[1 or 2, users online, users
--        announced, version, connections, changes ever that were not announced]`; 2: Redis has other counts.
-- Parts  Presence
-- Try    ops/redis/script HeartbeatScript KEY… , inc1 3 4 6000
--
-- Where no loop could renew its lease for half a lease, Redis itself was away: no loop is reaped for one lease.

local own = KEYS[11]
local ms, incarnation, lease = now(), ARGV[1], tonumber(ARGV[4])
local known = redis.call('HMGET', meta, 'hb', 'quiet')
if not redis.call('ZSCORE', nodes, incarnation) then return {0} end
if known[1] and ms - tonumber(known[1]) > lease / 2 then redis.call('HSET', meta, 'grace', whole(ms + lease)) end
redis.call('HSET', meta, 'hb', whole(ms))
redis.call('ZADD', nodes, ms, incarnation)
local count = redis.call('HLEN', own)
local connections = tonumber(redis.call('HGET', loops, incarnation)) or 0
local is_same = count == tonumber(ARGV[2]) and connections == tonumber(ARGV[3])
return {is_same and 1 or 2, redis.call('HLEN', users), announced(), version(),
    tonumber(redis.call('HGET', loops, '*')) or 0, tonumber(known[2]) or 0}
