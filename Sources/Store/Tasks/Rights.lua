-- Whether the caller of a script may do what the script is about to do.

-- The error where the caller may not call `command` on `key`; nil where it may.
local function lack_of_right(command, key, ...)
    if redis.acl_check_cmd(command, key, ...) then return nil end
    -- PUBLISH alone can be tried without harm, and then the operator finds it in ACL LOG.
    if command == 'PUBLISH' then redis.pcall(command, key, '') end
    return redis.error_reply('NOPERM the user may not ' .. command .. ' ' .. key .. '; nothing was stored')
end
