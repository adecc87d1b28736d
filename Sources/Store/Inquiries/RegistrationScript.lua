#!lua
-- Registers a task before its first event: its state and its secrets, as one step. The caller has already added the task to
--  the due sets (EnterDueScript), so that a node looks after every registered task.
--
-- KEYS   the task's hash, its history, its secrets, and the key that remembers the registration by its idempotency key, where it
--        has one
-- ARGV   `ext`, `key`, `api`, `meta`, each empty where it is missing; then as PublishArguments.lua says
-- Reply  as of PublishScript, or the error EXISTS
-- Parts  Epoch Counting Writers Rights Publishing PublishArguments Once
-- Try    ops/redis/script RegistrationScript 'ft:{task:t}:m' 'ft:{task:t}:h' 'ft:secret:{task:t}' , ext-1 key-1 '' '' \
--            task:t run1 64 262144 3600 '' '{"status":"QUEUED"}' p '' '' '' '' '' '' '' QUEUED '' '' '' ''
--
-- The hash of secrets has `ext` the third party's name for the task, `key` the API key, `api` its address (missing: the node had
--  no `--upstream`), `meta` the other members, as a JSON object. It lives as long as the task (KeepSecretsScript). The task's hash
--  says that there are secrets: `tp` is `asked` where nodes can ask the third party, else `kept`.

-- Milliseconds that secrets outlive the task, for a node that is late; as in KeepSecretsScript.
local grace_milliseconds = 60000

local meta, secrets = KEYS[1], KEYS[3]

-- The error where Redis would refuse the commands after the first event: then the event must not be published either.
local function lack_of_rights_to_secrets()
    return lack_of_right('DEL', secrets) or lack_of_right('HSET', secrets, 'ext', '')
        or lack_of_right('PEXPIRE', secrets, '1') or lack_of_right('PTTL', meta)
end

local function register()
    if redis.call('EXISTS', meta) == 1 then return redis.error_reply('EXISTS the task is known already') end
    local refused = lack_of_rights_to_secrets()
    if refused then return refused end
    local receipt = publish_arguments(5)
    if receipt.err then return receipt end
    local fields = {}
    for index, name in ipairs({'ext', 'key', 'api', 'meta'}) do
        if ARGV[index] ~= '' then
            fields[#fields + 1] = name
            fields[#fields + 1] = ARGV[index]
        end
    end
    -- An earlier task of the same name may have left secrets.
    redis.call('DEL', secrets)
    if #fields > 0 then
        redis.call('HSET', secrets, unpack(fields))
        redis.call('HSET', meta, 'tp', ARGV[1] ~= '' and ARGV[2] ~= '' and ARGV[3] ~= '' and 'asked' or 'kept')
        redis.call('PEXPIRE', secrets, string.format('%d', redis.call('PTTL', meta) + grace_milliseconds))
    end
    return receipt
end

return once(KEYS[4], {ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[11]}, register)
