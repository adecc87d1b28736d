#!lua flags=allow-oom
-- Reaps a loop, a chunk of its users at a time.
--
-- KEYS   PresenceKeys.shared, then `n:<incarnation>`, `r:<incarnation>`, `i:<incarnation>`
-- ARGV   incarnation, chunk, grace of users in ms, heartbeat in ms, `1` where the loop itself asks
-- Reply  `users` where more users are left; `rooms` where rooms are left that may count the loop's viewers (the caller
--        empties them, RoomsRequest, and calls again); `done` where nothing is left, or the loop has come back meanwhile
-- Parts  Presence
-- Try    ops/redis/script ReapScript KEY… , inc1 100 3000 2000 0
--
-- Two callers at once take different chunks; where a caller dies, any other continues.

local own, rooms, about = KEYS[11], KEYS[12], KEYS[13]
local ms, incarnation, chunk, grace = now(), ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local beat = redis.call('ZSCORE', nodes, incarnation)
if beat then
    if ARGV[5] ~= '1' and ms - tonumber(beat) < tonumber(ARGV[4]) * 1.5 then return 'done' end
    redis.call('ZREM', nodes, incarnation)
    redis.call('ZADD', dead, ms, incarnation)
elseif not redis.call('ZSCORE', dead, incarnation) then
    return 'done'
end
set_connections(incarnation, 0)
redis.call('HDEL', loops, incarnation)

local some = redis.call('HRANDFIELD', own, chunk, 'WITHVALUES')
for place = 1, #some, 2 do
    redis.call('HDEL', own, some[place])
    add(some[place], -tonumber(some[place + 1]), ms, grace, nil)
end
if redis.call('EXISTS', own) == 1 then return 'users' end
if redis.call('EXISTS', rooms) == 1 then return 'rooms' end

redis.call('DEL', about)
redis.call('ZREM', dead, incarnation)
if redis.call('EXISTS', nodes, dead) == 0 then
    -- The last loop: nobody is left to hear who has gone, or to remove the user later.
    redis.call('DEL', waiting, loops)
end
return 'done'
