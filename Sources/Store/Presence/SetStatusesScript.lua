#!lua
-- Stores the statuses that connected users set. `online` stores no status, but its time: where several loops write again
--  after a loss, the last one set wins.
--
-- KEYS   `u`, `s`, `t`
-- ARGV   user, status, and the ms of Redis' time at which it was set (empty: now), repeated
-- Reply  for each the ms at which it was set, 0 where the user is not connected
-- Try    ops/redis/script SetStatusesScript 'ft:{online}:u' 'ft:{online}:s' 'ft:{online}:t' , alice away ''

local users, statuses, said = KEYS[1], KEYS[2], KEYS[3]
local time, answer = redis.call('TIME'), {}
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for place = 1, #ARGV, 3 do
    local user, status, at = ARGV[place], ARGV[place + 1], tonumber(ARGV[place + 2])
    local before = tonumber(redis.call('HGET', said, user)) or 0
    -- A later status has a later time, whatever the clock says.
    at = at or math.max(now, before + 1)
    if redis.call('HEXISTS', users, user) == 0 then
        at = 0
    elseif at >= before then
        redis.call('HSET', said, user, string.format('%d', at))
        if status == 'online' then
            redis.call('HDEL', statuses, user)
        else
            redis.call('HSET', statuses, user, status)
        end
    end
    answer[#answer + 1] = at
end
return answer
