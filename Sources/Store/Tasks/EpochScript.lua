#!lua
-- Begins a new epoch on a channel that another Redis wrote last, for example after a failover or a restored dump. Viewers may
-- have seen numbers that this Redis lost, so the channel must not use any number again. The script also begins a new epoch
-- when the last number is not countable (Counting.lua).
--
-- KEYS   the channel's hash, its history
-- ARGV   run id of the Redis that is read, as Writers.lua says
-- Reply  1; 0 when the epoch stays as it is. The script keeps the state, as the state of an earlier epoch.
-- Parts  Epoch Counting Writers
-- Try    ops/redis/script EpochScript 'ft:{task:t}:m' 'ft:{task:t}:h' , run1

local meta, history, run = KEYS[1], KEYS[2], ARGV[1]
local task = redis.call('HMGET', meta, 'e', 'rid', 's')
if not task[1] or is_known_writer(task[2], run) and count_of(task[3]) then return 0 end
redis.call('DEL', history)
redis.call('HSET', meta, 'e', new_epoch(), 's', '0', 'rid', own_run_id(run), 'ss', '0', 'hb', '0')
return 1
