#!lua
-- Writes a loop's users as they are now: absolute numbers, so that a repeated call changes nothing.
--
-- KEYS   PresenceKeys.shared, then `n:<incarnation>`
-- ARGV   incarnation, connections of the loop, grace in ms, channel of everyone, most users online for announcements, `1`
--        where the loop writes again what it wrote before; then user and connections, repeated
-- Reply  `[0]` where the loop is not registered: a late write must not outlive the loop. Else `[1, users announced,
--        version, connections of each user…]`
-- Parts  Presence
-- Try    ops/redis/script WriteCountsScript KEY… , inc1 2 3000 everyone 2000 0 alice 2
--
-- A repeated write after a loss of data is not announced: clients know these users.

local own = KEYS[11]
local ms, incarnation, grace = now(), ARGV[1], tonumber(ARGV[3])
if not redis.call('ZSCORE', nodes, incarnation) then return {0} end
local told = {everyone = ARGV[4], limit = tonumber(ARGV[5])}
if ARGV[6] == '1' and ms < (tonumber(redis.call('HGET', meta, 'grace')) or 0) then told = nil end
set_connections(incarnation, tonumber(ARGV[2]))
local answer = {1, 0, 0}
for place = 7, #ARGV, 2 do
    local user, count = ARGV[place], tonumber(ARGV[place + 1])
    local before = tonumber(redis.call('HGET', own, user)) or 0
    if count > 0 then redis.call('HSET', own, user, count) else redis.call('HDEL', own, user) end
    local total
    if count ~= before then
        total = add(user, count - before, ms, grace, told)
    else
        total = tonumber(redis.call('HGET', users, user)) or 0
    end
    answer[#answer + 1] = total
end
answer[2], answer[3] = announced(), version()
return answer
