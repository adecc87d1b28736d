#!lua
-- Begins a new epoch on a channel that another Redis wrote last: a replica that was promoted, a dump that was restored. Its
-- numbers may have been seen by viewers and lost here, so none may be used again. The same where the last number is none that
-- counting can go on from.
--
-- KEYS   the channel's hash, its history
-- ARGV   run id of the Redis that is read, as Writers.lua says
-- Reply  1, or 0 where the epoch is not to change. The state stays, as that of an earlier epoch.
-- Parts  Epoch Counting Writers
-- Try    ops/redis/script EpochScript 'ft:{task:t}:m' 'ft:{task:t}:h' , run1

local meta, history, run = KEYS[1], KEYS[2], ARGV[1]
local task = redis.call('HMGET', meta, 'e', 'rid', 's')
if not task[1] or is_known_writer(task[2], run) and is_countable(task[3]) then return 0 end
redis.call('DEL', history)
redis.call('HSET', meta, 'e', new_epoch(), 's', '0', 'rid', own_run_id(run), 'ss', '0', 'hb', '0')
return 1
