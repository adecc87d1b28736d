#!lua flags=no-writes
-- Reads the node, number and version that loops stored when they took their leases.
--
-- KEYS   `i:<incarnation>` of each
-- Reply  `[node or nil, loop, version, …]`
-- Try    ops/redis/script DescribeLoopsScript 'ft:{online}:i:inc1'

local answer = {}
for place, about in ipairs(KEYS) do
    local words = redis.call('HMGET', about, 'node', 'loop', 'version')
    for field = 1, 3 do answer[place * 3 - 3 + field] = words[field] end
end
return answer
