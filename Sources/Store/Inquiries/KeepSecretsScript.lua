#!lua
-- Lets a task's secrets live as long as the task.
--
-- Workers extend the task's life with every event, and may not touch its secrets. So nodes check, always before half of the
--  remaining life is over: they extend the secrets with the task, and delete them when the task is gone.
--
-- KEYS   the task's hash, its secrets
-- Reply  `[milliseconds until the next check, 1 where the task has a third party that a node must ask]`; `[0, 0]` where
--        the task or its secrets are gone
-- Try    ops/redis/script KeepSecretsScript 'ft:{task:t}:m' 'ft:secret:{task:t}'

-- Milliseconds that secrets outlive the task, for a node that is late. A node that is on time deletes them with the task.
local grace_milliseconds = 60000
-- Milliseconds between two checks of one task, at least and at most: within an hour a node finds a task that a worker
--  restarted while no node heard it.
local shortest, longest = 1000, 3600000

local meta, secrets = KEYS[1], KEYS[2]
local task = redis.call('HMGET', meta, 'tp', 'end')
-- A later task of the same name was not registered with these secrets.
local left = task[1] and redis.call('PTTL', meta) or 0
if left <= 0 or redis.call('PEXPIRE', secrets, string.format('%d', left + grace_milliseconds)) == 0 then
    redis.call('DEL', secrets)
    return {0, 0}
end
local look = math.min(math.max(math.floor(left / 2), shortest), longest)
return {look, task[1] == 'asked' and not task[2] and 1 or 0}
