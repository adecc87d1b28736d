#!lua
-- Publishes a batch of events from a node, which has read them: the script decodes nothing. Redis refuses a script with this
-- first line before it runs where it takes no writes (OOM, READONLY).
--
-- KEYS   the channel's hash, its history, and where the batch is remembered by the name that was given to it, if one was
-- ARGV   as PublishArguments.lua says, from the first on
-- Reply  `[epoch, last sequence, loops that were subscribed]`, or the error FINISHED, MISMATCH or NOPERM
-- Parts  Epoch Counting Writers Rights Publishing PublishArguments Once
-- Try    ops/redis/script PublishScript 'ft:{task:t}:m' 'ft:{task:t}:h' , task:t run1 64 262144 3600 '' \
--            '{"progress":5}' p '' '' '' '' '' '' 5 '' '' '' '' ''

local texts = {}
for first = 7, #ARGV, arguments_of_event do texts[#texts + 1] = ARGV[first] end
return once(KEYS[3], texts, function() return publish_arguments(1) end)
