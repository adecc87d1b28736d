#!lua flags=no-writes
-- Lists the users that Redis stores for a loop, a page at a time: after a difference the loop removes those that it no longer
--  has.
--
-- KEYS   `n:<incarnation>`
-- ARGV   chunk, cursor (`0` at first)
-- Reply  `[next cursor, users…]`; the last page has the cursor `0`
-- Try    ops/redis/script StoredUsersScript 'ft:{online}:n:inc1' , 100 0

local page = redis.call('HSCAN', KEYS[1], ARGV[2], 'COUNT', ARGV[1])
local answer = {page[1]}
for place = 1, #page[2], 2 do answer[#answer + 1] = page[2][place] end
return answer
