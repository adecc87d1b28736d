#!lua
-- Lets what is kept of a task beside its events live as long as the task.
--
-- Workers lengthen the task's life with every event, and may not touch its secrets. So nodes look, always before half of what is
-- left is over: secrets are lengthened as the task was, and go when it has gone.
--
-- KEYS   the task's hash, its secrets
-- Reply  `[milliseconds until the next look, 1 where the task has a third party that is to be asked]`; `[0, 0]` where there is
--        nothing left to look after
-- Try    ops/redis/script KeepSecretsScript 'ft:{task:t}:m' 'ft:secret:{task:t}'

-- Milliseconds that secrets are kept beyond the task's life, for a node that comes late. Where a node is, they go with the task.
local grace_milliseconds = 60000
-- Milliseconds between two looks at one task, at least and at most: within an hour a node finds a task that a worker restarted
-- while no node was there to hear it.
local shortest, longest = 1000, 3600000

local meta, secrets = KEYS[1], KEYS[2]
local task = redis.call('HMGET', meta, 'tp', 'end')
-- A later task of the same name has not been registered with them.
local left = task[1] and redis.call('PTTL', meta) or 0
if left <= 0 or redis.call('PEXPIRE', secrets, string.format('%d', left + grace_milliseconds)) == 0 then
    redis.call('DEL', secrets)
    return {0, 0}
end
local look = math.min(math.max(math.floor(left / 2), shortest), longest)
return {look, task[1] == 'asked' and not task[2] and 1 or 0}
