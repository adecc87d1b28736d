#!lua
-- A loop takes its lease: from now on its users count.
--
-- KEYS   PresenceKeys.shared, then `i:<incarnation>`
-- ARGV   incarnation, node id, loop, version, lease in ms, `1` where the loop had been registered before
-- Reply  1
-- Parts  Presence
-- Try    ops/redis/script RegisterLoopScript KEY… , inc1 node-1 0 1.0 6000 0
--
-- A loop that was registered before and finds nothing has outlived the data: all loops will register again with their counts, and
--  until then (one lease) no script reaps a loop or announces a user anew. The same holds where other loops are registered and
--  none of them could renew its lease for half a lease: Redis was away.

local about = KEYS[11]
local ms, incarnation, lease = now(), ARGV[1], tonumber(ARGV[5])
local beat = redis.call('HGET', meta, 'hb')
local is_lost = ARGV[6] == '1' and not beat
local was_away = beat and ms - tonumber(beat) > lease / 2 and redis.call('EXISTS', nodes) == 1
if is_lost or was_away then redis.call('HSET', meta, 'grace', whole(ms + lease)) end
redis.call('ZADD', nodes, ms, incarnation)
redis.call('HSET', about, 'node', ARGV[2], 'loop', ARGV[3], 'version', ARGV[4], 'started', whole(ms))
redis.call('HSET', meta, 'hb', whole(ms))
return 1
