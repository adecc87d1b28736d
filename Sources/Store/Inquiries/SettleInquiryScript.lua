#!lua
-- Ends an inquiry, and publishes its answer only if no other event of the task came meanwhile.
--
-- KEYS   the task's hash, its history, its inquiry
-- ARGV   the inquiry's name, milliseconds that its answer is fresh (0: no third party was asked), the epoch and the state's
--        sequence when it began; then as PublishArguments.lua says, where there is news to publish
-- Reply  1 where the task goes on, 0 where it has ended or is gone
-- Parts  Epoch Counting Writers Rights Publishing PublishArguments
-- Try    ops/redis/script SettleInquiryScript 'ft:{task:t}:m' 'ft:{task:t}:h' 'ft:inquiry:{task:t}' , me 1000 a1 3

local meta, history, inquiry = unpack(KEYS)
-- The script checks all rights before it writes: where one is missing, the task stays due, and a node asks again.
local refused = lack_of_right('SET', inquiry, '', 'PX', '1') or lack_of_right('DEL', inquiry)
    or ARGV[5] and lack_of_rights(ARGV[5], meta, history, publish_command(ARGV[6]))
if refused then return refused end
local held = redis.call('GET', inquiry)
local task = redis.call('HMGET', meta, 'e', 'ss', 'end')
if ARGV[5] and task[1] == ARGV[3] and (task[2] or '') == ARGV[4] and not task[3] then
    local receipt = publish_arguments(5)
    if receipt.err then return receipt end
end
if held and string.match(held, '^%S*') == ARGV[1] then
    if ARGV[2] == '0' then
        redis.call('DEL', inquiry)
    else
        redis.call('SET', inquiry, 'fresh', 'PX', ARGV[2])
    end
end
return task[1] and redis.call('HEXISTS', meta, 'end') == 0 and 1 or 0
