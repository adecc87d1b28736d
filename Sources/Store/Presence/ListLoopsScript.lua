#!lua flags=no-writes
-- Reads the loops that have a lease, and their connections.
--
-- KEYS   `nodes`, `nc`
-- Reply  `[ms, incarnation, ms of its last heartbeat, connections, …]`
-- Try    ops/redis/script ListLoopsScript 'ft:{online}:nodes' 'ft:{online}:nc'

local time = redis.call('TIME')
local answer = {time[1] * 1000 + math.floor(time[2] / 1000)}
local beats = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for place = 1, #beats, 2 do
    local connections = tonumber(redis.call('HGET', KEYS[2], beats[place])) or 0
    for _, value in ipairs({beats[place], beats[place + 1], connections}) do answer[#answer + 1] = value end
end
return answer
