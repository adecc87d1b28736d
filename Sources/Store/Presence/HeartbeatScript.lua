#!lua flags=allow-oom
-- A loop keeps its lease up, and hears whether Redis holds what the loop believes. It makes nothing larger, so it runs also
-- where Redis is out of memory: no lease ends by that.
--
-- KEYS   PresenceKeys.shared, then `n:<incarnation>`
-- ARGV   incarnation, users and connections that the loop believes it has counted, lease in ms
-- Reply  `[0]` where the loop is not registered: it was taken out, or the data is gone. Else `[1 or 2, users online, users
--        announced, version, connections, comings and goings ever that were not announced]`; 2: Redis holds something else.
-- Parts  Presence
-- Try    ops/redis/script HeartbeatScript KEY… , inc1 3 4 6000
--
-- Where no loop could come for half a lease, Redis itself was away: nobody is taken out for one lease.

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
