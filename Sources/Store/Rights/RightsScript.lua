#!lua
-- Lists those of some commands that the caller may not call. Redis refuses it, like every script that writes, before it runs where
--  Redis takes no writes. So it answers both questions, and changes nothing.
--
-- KEYS   none
-- ARGV   the number of a command's words, then the words, repeated
-- Reply  those that are denied
-- Try    ops/redis/script RightsScript , 2 GET key

local place, denied = 1, {}
while ARGV[place] do
    local count = tonumber(ARGV[place])
    local words = {unpack(ARGV, place + 1, place + count)}
    -- No script of Fantail ever got an answer to a command that this Redis does not know.
    local is_known, may = pcall(redis.acl_check_cmd, unpack(words))
    if is_known and not may then denied[#denied + 1] = table.concat(words, ' ') end
    place = place + count + 1
end
return denied
