public import Dialects

/// What a channel's viewers need to know: its position, its state, and what came since a position they name.
public enum ReadScript {
    /// Stands for the epoch that is current, whichever that is: what a person asks for. What is kept is then answered also
    /// where it does not reach back far enough. No epoch is spelled like it.
    public static let anyEpoch = "*"
    /// Everything that is kept.
    public static let all = Position(epoch: anyEpoch, sequence: 0)

    /// The script's text. `KEYS`: channel, hash, list. `ARGV`: run id, epoch and sequence of the reader (empty when it has
    /// none), and how many bytes a replay may weigh.
    ///
    /// Answers an empty array for a task that was never published (no key is made for it), else
    /// `[epoch, sequence, recovered, state, state's sequence, state's ms, end, current stage, completed stages, entries,
    /// owner, team]`;
    /// `entries` is what the reader missed where `recovered` is 1, else empty, or for ``anyEpoch`` what there is. A reader that comes with another run id
    /// than the last writer's begins a new epoch, so that it cannot mistake other events for those it knows (RULES 11).
    public static let text = #"""
        #!lua
        \#(PublishCore.epochLua)

        -- The entries after `since`, or nil where the history does not reach back or weighs too much.
        local function missed(history, since, last, max_bytes)
            if since > last then return nil end
            if since == last then return {} end
            local entries = redis.call('LRANGE', history, since - last, -1)
            local first = entries[1] and string.match(entries[1], '^\001ft1:[^:]*:(%d+):')
            if #entries ~= last - since or tonumber(first) ~= since + 1 then return nil end
            local bytes = 0
            for _, entry in ipairs(entries) do bytes = bytes + #entry end
            return bytes <= max_bytes and entries or nil
        end

        local meta, history, run = KEYS[2], KEYS[3], ARGV[1]
        local task = redis.call('HMGET', meta, 'e', 's', 'rid', 'st', 'ss', 'sm', 'end', 'cs', 'ds', 'ow', 'tm')
        local epoch, last = task[1], tonumber(task[2])
        if not epoch then return {} end
        if task[3] ~= run then
            epoch, last, task[5] = new_epoch(), 0, '0'
            redis.call('HSET', meta, 'e', epoch, 's', '0', 'rid', run, 'ss', '0', 'hb', '0')
            redis.call('DEL', history)
        end
        local since, entries, recovered = tonumber(ARGV[3]), nil, 0
        if since and (ARGV[2] == epoch or ARGV[2] == '\#(anyEpoch)') then
            entries = missed(history, since, last, tonumber(ARGV[4]))
            recovered = entries and 1 or 0
        end
        if not entries and ARGV[2] == '\#(anyEpoch)' then
            -- Asked for whatever there is.
            entries = redis.call('LRANGE', history, 0, -1)
        end
        return {
            epoch, last, recovered, task[4], task[5], task[6], task[7], task[8], task[9], entries or {},
            task[10], task[11],
        }
        """#
}
