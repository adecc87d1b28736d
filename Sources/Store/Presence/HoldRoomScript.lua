#!lua
-- Records that a task's hash of viewers may count viewers of this loop, before the hash does: a loop that dies in between
--  leaves no count that no script finds.
--
-- KEYS   `nodes`, `r:<incarnation>`
-- ARGV   incarnation, the task's hash of viewers
-- Reply  1, or 0 where the loop is not registered: it must not write to that hash
-- Try    ops/redis/script HoldRoomScript 'ft:{online}:nodes' 'ft:{online}:r:inc1' , inc1 'ft:{task:t}:p'

if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('SADD', KEYS[2], ARGV[2])
return 1
