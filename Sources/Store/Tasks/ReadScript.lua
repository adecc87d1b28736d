#!lua flags=no-writes
-- Reads what viewers of a channel need: its position, its state, and the events after a given position.
--
-- KEYS   the channel's hash, its history
-- ARGV   run id of the Redis that is read, as Writers.lua says; epoch and sequence of the reader's position (empty without
--        one; the epoch `*` is the current one); the most bytes of entries; `1` when a reader with another epoch gets the
--        current epoch from its beginning
-- Reply  an empty array when nobody ever published to the channel; `[0]` when EpochScript must run first (another Redis wrote
--        last, or the last number is not countable); else `[epoch, sequence, recovered, state, state's sequence, state's ms,
--        end, current stage, completed stages, entries, owner, team, progress, status, message, total steps, time remaining,
--        time of the start, time of the last event that is not a state]`
-- Parts  Counting Writers
-- Try    ops/redis/script ReadScript 'ft:{task:t}:m' 'ft:{task:t}:h' , run1 '*' 0 262144 ''
--
-- `entries` are the stored events after the reader's position, oldest first: at least one if there is any, and no more than
-- the bytes allow, with the bytes that a dialect adds to each. When the last of them is not the channel's last event, the
-- reader asks again from there. For the epoch `*` and a position beyond the channel's last, they are all stored events.
-- `recovered` is 1 when no event before the first of them is missing.

-- The number of entries that one LRANGE reads: about a megabyte when all events have the most bytes (64 KiB).
local step = 16
-- The values of EventLimits.bytesAroundEvent and ReadScript.anyEpoch in Swift.
local bytes_around_event, any_epoch = 256, '*'

-- Returns the stored entries after `since`, oldest first, and whether they begin with the next number. The function checks
-- the number of each entry, because a number that is missing in the history moves the others towards its beginning.
local function kept(history, since, last, max_bytes)
    local length, entries, bytes, first = redis.call('LLEN', history), {}, 0, nil
    local place = math.max(0, length - (last - since))
    while place < length do
        for _, entry in ipairs(redis.call('LRANGE', history, place, place + step - 1)) do
            local number = tonumber(string.match(entry, '^\001ft1:[^:]*:(%d+):'))
            if number and number > since then
                bytes = bytes + #entry + bytes_around_event
                if first and bytes > max_bytes then return entries, first == since + 1 end
                entries[#entries + 1] = entry
                first = first or number
            end
        end
        place = place + step
    end
    return entries, since == last or first == since + 1
end

local meta, history, run, max_bytes = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[4])
local task = redis.call('HMGET', meta,
    'e', 's', 'rid', 'st', 'ss', 'sm', 'end', 'cs', 'ds', 'ow', 'tm', 'pg', 'sw', 'mg', 'ts', 'et', 'sa', 'um')
local epoch, last = task[1], count_of(task[2])
if not epoch then return {} end
if not is_known_writer(task[3], run) or not last then return {0} end
local since, entries, is_whole = tonumber(ARGV[3]), {}, false
if since then
    local is_any = ARGV[2] == any_epoch
    local is_known = is_any or ARGV[2] == epoch
    if is_known and since <= last then
        entries, is_whole = kept(history, since, last, max_bytes)
    elseif is_any or (not is_known and ARGV[5] == '1') then
        entries = kept(history, 0, last, max_bytes)
    end
end
return {
    epoch, last, is_whole and 1 or 0, task[4], task[5], task[6], task[7], task[8], task[9], entries,
    task[10], task[11], task[12], task[13], task[14], task[15], task[16], task[17], task[18],
}
