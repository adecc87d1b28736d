#!lua
-- Puts a task into the list of tasks, as it stands now.
--
-- KEYS   the sets of all tasks, of active, completed and failed ones, and, for a task with an owner, of the owner's
-- ARGV   the task as a member without an owner, the task as a member, the milliseconds at which it began, `active`, `completed`
--        or `failed`
-- Reply  1
-- Try    ops/redis/script ListTaskScript 'ft:{tasks}:all' 'ft:{tasks}:active' 'ft:{tasks}:completed' 'ft:{tasks}:failed' \
--            'ft:{tasks}:owner:alice' , 'video_1 ' 'video_1 alice' 1700000000000 active

local all, owned = KEYS[1], KEYS[5]
local sets = {active = KEYS[2], completed = KEYS[3], failed = KEYS[4]}
local unowned_member, member, began, standing = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
redis.call('ZADD', all, began, member)
for name, set in pairs(sets) do
    if name == standing then redis.call('ZADD', set, began, member) else redis.call('ZREM', set, member) end
end
if owned then
    redis.call('ZADD', owned, began, member)
    -- The task may have got its owner after its first event.
    for place = 1, 4 do redis.call('ZREM', KEYS[place], unowned_member) end
end
return 1
