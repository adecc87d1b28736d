#!lua
-- Publishes a batch of events that a node has parsed, so the script decodes no JSON. A Redis that refuses writes (OOM,
-- READONLY) refuses a script with this first line before it runs.
--
-- KEYS   the channel's hash, its history, and, for a batch with a name, the key that remembers it
-- ARGV   the arguments of PublishArguments.lua
-- Reply  `[epoch, last sequence, loops that were subscribed]`, or the error FINISHED, MISMATCH or NOPERM
-- Parts  Epoch Counting Writers Rights Publishing PublishArguments Once
-- Try    ops/redis/script PublishScript 'ft:{task:t}:m' 'ft:{task:t}:h' , task:t run1 64 262144 3600 '' \
--            '{"progress":5}' p '' '' '' '' '' '' 5 '' '' '' '' ''

local texts = {}
for first = 7, #ARGV, arguments_of_event do texts[#texts + 1] = ARGV[first] end
return once(KEYS[3], texts, function() return publish_arguments(1) end)
