#!lua flags=no-writes
-- Reads a page of the list of tasks, the newest first; of one millisecond in the descending order of their bytes.
--
-- KEYS   a set of tasks
-- ARGV   how many; the milliseconds and the member of the last task of the page before, for any page but the first
-- Reply  `[member, milliseconds, …]`
-- Try    ops/redis/script TaskPageScript 'ft:{tasks}:all' , 50

-- Whether `left` stands before `right` by their bytes. `<` compares by the locale of the server.
local function precedes(left, right)
    for place = 1, math.min(#left, #right) do
        local one, other = string.byte(left, place), string.byte(right, place)
        if one ~= other then return one < other end
    end
    return #left < #right
end

local set, count, from, last = KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3]
local function read(offset)
    return redis.call('ZRANGE', set, from or '+inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', offset, count, 'WITHSCORES')
end
if not from then return read(0) end
local answer, offset = {}, 0
repeat
    local tasks = read(offset)
    for place = 1, #tasks, 2 do
        local is_new = tonumber(tasks[place + 1]) < tonumber(from) or precedes(tasks[place], last)
        if is_new and #answer < 2 * count then
            answer[#answer + 1], answer[#answer + 2] = tasks[place], tasks[place + 1]
        end
    end
    offset = offset + count
until #tasks < 2 * count or #answer == 2 * count
return answer
