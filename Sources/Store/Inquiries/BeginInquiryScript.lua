#!lua
-- Claims the inquiry to a task's third party. For as long as an answer may take, the inquiry's key holds who asks and the
--  task's position then; after the answer it holds `fresh` for a moment: clients that ask within it asked at the same time, and
--  the same answer serves them.
--
-- KEYS   the task's hash, its secrets, its inquiry
-- ARGV   a name for this inquiry, milliseconds it may take, `1` where a fresh answer is too old for the client
-- Reply  `[none]` where there is no third party, or the task ended or is gone, `[fresh]` where a node asked just now,
--        `[wait, ms]` where it may be asked again in so many ms, `[busy]` while another node asks, or `[ask, epoch, state's
--        sequence, state, external id, API key, address, status, progress]`
-- Try    ops/redis/script BeginInquiryScript 'ft:{task:t}:m' 'ft:secret:{task:t}' 'ft:inquiry:{task:t}' , me 12000 ''
--
-- An event of the task during the inquiry is as good as the third party's answer, and voids it: `[fresh]` then.

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
