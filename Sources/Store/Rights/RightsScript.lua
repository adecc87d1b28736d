#!lua
-- Which of some commands the caller may not call. Redis refuses it like every script that writes, before it runs, where it takes
-- no writes; so it answers both questions, and changes nothing.
--
-- KEYS   none
-- ARGV   the number of a command's words, then these, again and again
-- Reply  those that are denied
-- Try    ops/redis/script RightsScript , 2 GET key

local place, denied = 1, {}
while ARGV[place] do
    local count = tonumber(ARGV[place])
    local words = {unpack(ARGV, place + 1, place + count)}
    -- What this Redis does not know, no script of ours has ever got an answer to.
    local is_known, may = pcall(redis.acl_check_cmd, unpack(words))
    if is_known and not may then denied[#denied + 1] = table.concat(words, ' ') end
    place = place + count + 1
end
return denied
