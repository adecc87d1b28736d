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

-- The rank of the first task after the place, found by halves among those of the same millisecond: there may be many, and
-- the task at the place may have gone.
local function rank_after(set, milliseconds, member)
    local first = redis.call('ZCOUNT', set, '(' .. milliseconds, '+inf')
    local behind = first + redis.call('ZCOUNT', set, milliseconds, milliseconds)
    while first < behind do
        local middle = math.floor((first + behind) / 2)
        if precedes(redis.call('ZRANGE', set, middle, middle, 'REV')[1], member) then
            behind = middle
        else
            first = middle + 1
        end
    end
    return first
end

local set, count = KEYS[1], tonumber(ARGV[1])
local first = ARGV[2] and rank_after(set, ARGV[2], ARGV[3]) or 0
return redis.call('ZRANGE', set, first, first + count - 1, 'REV', 'WITHSCORES')
