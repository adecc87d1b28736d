#!lua flags=no-writes
-- Reads a page of users online, in the order of their bytes.
--
-- KEYS   `u`, `x`, `s`
-- ARGV   the last user of the page before (empty for the first page), how many
-- Reply  `[ms, users online, user, connections, status or nil, …]`
-- Try    ops/redis/script ListUsersScript 'ft:{online}:u' 'ft:{online}:x' 'ft:{online}:s' , '' 100

local counts, order, statuses = KEYS[1], KEYS[2], KEYS[3]
local first = ARGV[1] == '' and '-' or '(' .. ARGV[1]
local time = redis.call('TIME')
local answer = {time[1] * 1000 + math.floor(time[2] / 1000), redis.call('HLEN', counts)}
local users = redis.call('ZRANGEBYLEX', order, first, '+', 'LIMIT', 0, ARGV[2])
if #users == 0 then return answer end
local connections = redis.call('HMGET', counts, unpack(users))
local words = redis.call('HMGET', statuses, unpack(users))
for place, user in ipairs(users) do
    answer[#answer + 1], answer[#answer + 2] = user, tonumber(connections[place]) or 0
    answer[#answer + 1] = words[place]
end
return answer
