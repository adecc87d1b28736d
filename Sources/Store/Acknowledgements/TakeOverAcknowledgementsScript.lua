#!lua
-- Takes over the messages that another connection of the client left. This counts as no attempt: a client that reconnects often
--  must not lose messages by it.
--
-- KEYS   the client's hash (AcknowledgementsKept.swift)
-- ARGV   holder, seconds to live
-- Reply  how many were dropped because they were kept for too long, then each message, oldest first:
--        `[dropped, id, attempts, text, …]`
-- Try    ops/redis/script TakeOverAcknowledgementsScript 'ft:{ack:5:alice:c1}' , '2000 a 1' 600

local key, holder, time = KEYS[1], ARGV[1], redis.call('TIME')
local oldest = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[2]) * 1000
local current = redis.call('HGET', key, '@')
if not current or current > holder then return {0} end
redis.call('HSET', key, '@', holder)
local answer, entries, kept = {0}, redis.call('HGETALL', key), {}
for place = 1, #entries, 2 do
    local id = entries[place]
    if id ~= '@' then
        local attempts, since, text = string.match(entries[place + 1], '^(%d+) (%d+)\n(.*)$')
        if not since or tonumber(since) <= oldest then
            redis.call('HDEL', key, id)
            answer[1] = answer[1] + 1
        else
            kept[#kept + 1] = {tonumber(since), id, tonumber(attempts), text}
        end
    end
end
table.sort(kept, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
for _, entry in ipairs(kept) do
    answer[#answer + 1], answer[#answer + 2], answer[#answer + 3] = entry[2], entry[3], entry[4]
end
if #kept == 0 then redis.call('DEL', key) end
return answer
