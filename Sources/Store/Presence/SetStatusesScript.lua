#!lua
-- Keeps what users say to be, while they are connected. The word `online` is nothing to show, but its time is kept: of what
-- several loops write again after a loss, the last said wins.
--
-- KEYS   `u`, `s`, `t`
-- ARGV   user, status, and the ms of Redis' time at which it was said (empty: now), again and again
-- Reply  for each the ms at which it was said, 0 where the user is not there
-- Try    ops/redis/script SetStatusesScript 'ft:{online}:u' 'ft:{online}:s' 'ft:{online}:t' , alice away ''

local users, statuses, said = KEYS[1], KEYS[2], KEYS[3]
local time, answer = redis.call('TIME'), {}
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for place = 1, #ARGV, 3 do
    local user, status, at = ARGV[place], ARGV[place + 1], tonumber(ARGV[place + 2])
    local before = tonumber(redis.call('HGET', said, user)) or 0
    -- Said later is later, whatever the clock says.
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
