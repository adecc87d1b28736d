-- Checks of the caller's rights, before a script writes.

-- The error when the caller may not call `command` on `key`, else nil.
local function lack_of_right(command, key, ...)
    if redis.acl_check_cmd(command, key, ...) then return nil end
    -- An empty PUBLISH does no harm, and makes Redis write the refusal into ACL LOG, where the operator finds it.
    if command == 'PUBLISH' or command == 'SPUBLISH' then redis.pcall(command, key, '') end
    return redis.error_reply('NOPERM the user may not ' .. command .. ' ' .. key .. '; nothing was stored')
end
