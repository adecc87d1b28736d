#!lua
-- Puts a task into the list of tasks, as it stands now.
--
-- KEYS   the lease of the loop that keeps the list, the sets of all tasks, of active, completed and failed ones, of when to look
--        at each again, and, for a task with an owner, of the owner's
-- ARGV   the loop's name, the task as a member without an owner, the task as a member, the milliseconds at which it began,
--        `active`, `completed` or `failed`, the milliseconds at which Redis deletes the task (empty where that is not known)
-- Reply  1; 0 where another loop keeps the list, and nothing was written
-- Try    ops/redis/script ListTaskScript 'ft:{tasks}:keeper' 'ft:{tasks}:all' 'ft:{tasks}:active' 'ft:{tasks}:completed' \
--            'ft:{tasks}:failed' 'ft:{tasks}:due' 'ft:{tasks}:owner:alice' , loop-1 'video_1 ' 'video_1 alice' 1700000000000 active ''

-- Milliseconds until a task is looked at again of which it is not known when Redis deletes it.
local unknown_milliseconds = 3600000

local all, due, owned = KEYS[2], KEYS[6], KEYS[7]
local sets = {active = KEYS[3], completed = KEYS[4], failed = KEYS[5]}
local unowned_member, member, began, standing, deleted = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if deleted == '' then
    local time = redis.call('TIME')
    deleted = string.format('%d', time[1] * 1000 + unknown_milliseconds)
end
redis.call('ZADD', all, began, member)
redis.call('ZADD', due, deleted, member)
for name, set in pairs(sets) do
    if name == standing then redis.call('ZADD', set, began, member) else redis.call('ZREM', set, member) end
end
if owned then
    redis.call('ZADD', owned, began, member)
    -- The task may have got its owner after its first event.
    for place = 2, 6 do redis.call('ZREM', KEYS[place], unowned_member) end
end
return 1
