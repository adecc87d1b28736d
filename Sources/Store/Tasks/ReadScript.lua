#!lua flags=no-writes
-- Reads what a channel's viewers need to know: its position, its state, and what came since a position that they name.
--
-- KEYS   the channel's hash, its history
-- ARGV   run id of the Redis that is read, as Writers.lua says; epoch and sequence of the reader (empty when it has none; `*` stands for the current
--        epoch); how many bytes the entries may weigh; `1` where an epoch that the reader does not know is to be told from its
--        beginning
-- Reply  an empty array for a channel that nobody ever published to; `[0]` where EpochScript must run first (another Redis wrote
--        last, or the last number is none); else `[epoch, sequence, recovered, state, state's sequence, state's ms, end, current
--        stage, completed stages, entries, owner, team, progress, status, message, total steps, time remaining, when it began,
--        when an event came that is no state]`
-- Parts  Counting Writers
-- Try    ops/redis/script ReadScript 'ft:{task:t}:m' 'ft:{task:t}:h' , run1 '*' 0 262144 ''
--
-- `entries` is what is kept after the reader's place, oldest first: at least one where there is one, and no more than the bytes
-- say, what a dialect puts around each included. Where the last of them is not the channel's last, the reader asks again from
-- there. For the epoch `*` it is all that is kept where the place is none of this channel. `recovered` is 1 where nothing is
-- missing before the first.

-- Entries that are looked at together: of the largest events some hundred kilobytes.
local step = 16
-- As Swift has them: EventLimits.bytesAroundEvent, ReadScript.anyEpoch.
local bytes_around_event, any_epoch = 256, '*'

-- What is kept after `since`, oldest first, and whether that begins with the next number. A number that was never
-- written to the history moves the others towards its beginning: hence the look at each.
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
local epoch, last = task[1], tonumber(task[2])
if not epoch then return {} end
if not is_known_writer(task[3], run) or not is_countable(task[2]) then return {0} end
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
