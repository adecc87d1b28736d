#!lua
-- Asks to be the one who asks a task's third party. The inquiry's key holds who asks now and where the task stood then, as long as
-- an answer may take; after it, for a moment, `fresh`: whoever comes within it was there at the same time, and is served by the
-- same answer.
--
-- KEYS   the task's hash, its secrets, its inquiry
-- ARGV   a name for this inquiry, milliseconds it may take, `1` for whom the fresh answer is not fresh enough
-- Reply  `[none]` where there is nobody to ask or nothing to be known, `[fresh]` where that was done just now, `[wait, ms]` where
--        it may be done again so much later, `[busy]` while another one asks, or `[ask, epoch, state's sequence, state, external
--        id, API key, address, status, progress]`
-- Try    ops/redis/script BeginInquiryScript 'ft:{task:t}:m' 'ft:secret:{task:t}' 'ft:inquiry:{task:t}' , me 12000 ''
--
-- An event of the task is as good an answer as the third party's, and makes that void: `[fresh]` then.

local meta, secrets, inquiry = unpack(KEYS)
local task = redis.call('HMGET', meta, 'e', 'ss', 'end', 'st', 'sw', 'pg')
local party = redis.call('HMGET', secrets, 'ext', 'key', 'api')
if not task[1] then redis.call('DEL', secrets) end
if not task[1] or task[3] or not party[1] or not party[2] then return {'none'} end
local state = task[2] or ''
local stand = task[1] .. ' ' .. state
local held = redis.call('GET', inquiry)
if held == 'fresh' and ARGV[3] == '1' then return {'wait', redis.call('PTTL', inquiry)} end
if held == 'fresh' then return {'fresh'} end
if held then return {string.match(held, '^%S* (.*)$') == stand and 'busy' or 'fresh'} end
redis.call('SET', inquiry, ARGV[1] .. ' ' .. stand, 'PX', ARGV[2])
return {'ask', task[1], state, task[4], party[1], party[2], party[3], task[5], task[6]}
