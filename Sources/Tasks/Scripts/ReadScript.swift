public import Dialects

/// What a channel's viewers need to know: its position, its state, and what came since a position they name.
public enum ReadScript {
    /// Stands for the epoch that is current, whichever that is: what a person asks for. What is kept is then answered also
    /// where it does not reach back far enough. No epoch is spelled like it.
    public static let anyEpoch = "*"
    /// Everything that is kept.
    public static let all = Position(epoch: anyEpoch, sequence: 0)

    /// The script's text. `KEYS`: channel, hash, list. `ARGV`: run id, epoch and sequence of the reader (empty when it has
    /// none), how many bytes a replay may weigh, and 1 where a new epoch is to be told from its beginning.
    ///
    /// Answers an empty array for a task that was never published (no key is made for it), `[0]` where ``EpochScript`` must
    /// run first (another Redis wrote last, or the last number is none), else `[epoch, sequence, recovered, state, state's
    /// sequence, state's ms, end, current stage, completed stages, entries, owner, team, progress, status]`; `entries` is
    /// what the reader missed where
    /// `recovered` is 1, or for ``anyEpoch`` what there is. `recovered` 2: `entries` is the whole of an epoch that the reader
    /// does not know, or, for a channel without a state, what is left of what it missed. Else there are none.
    public static let text = #"""
        #!lua flags=no-writes
        \#(PublishCore.countingLua)

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

        -- The newest entries, at most so many and of so many bytes.
        local function newest(history, count, max_bytes)
            if count <= 0 then return nil end
            local entries, kept = redis.call('LRANGE', history, -count, -1), {}
            local first = #entries + 1
            while first > 1 and #entries[first - 1] <= max_bytes do
                first = first - 1
                max_bytes = max_bytes - #entries[first]
            end
            for place = first, #entries do kept[#kept + 1] = entries[place] end
            return kept
        end

        local meta, history, run, max_bytes = KEYS[2], KEYS[3], ARGV[1], tonumber(ARGV[4])
        local task = redis.call('HMGET', meta,
            'e', 's', 'rid', 'st', 'ss', 'sm', 'end', 'cs', 'ds', 'ow', 'tm', 'pg', 'sw')
        local epoch, last = task[1], tonumber(task[2])
        if not epoch then return {} end
        if task[3] ~= run or not is_countable(task[2]) then return {0} end
        local since, entries, recovered = tonumber(ARGV[3]), nil, 0
        local is_known = ARGV[2] == epoch or ARGV[2] == '\#(anyEpoch)'
        if since and is_known then
            entries = missed(history, since, last, max_bytes)
            recovered = entries and 1 or 0
        end
        if not entries and ARGV[2] == '\#(anyEpoch)' then
            -- Asked for whatever there is.
            entries = redis.call('LRANGE', history, 0, -1)
        elseif not entries and since and ARGV[5] == '1' then
            entries = not is_known and missed(history, 0, last, max_bytes) or nil
            -- Nothing stands for what is out of reach: what is left of it is better than nothing.
            if not entries and not task[4] then
                entries = newest(history, is_known and last - since or last, max_bytes)
            end
            recovered = entries and 2 or 0
        end
        return {
            epoch, last, recovered, task[4], task[5], task[6], task[7], task[8], task[9], entries or {},
            task[10], task[11], task[12], task[13],
        }
        """#
}

/// Begins a new epoch on a channel that another Redis wrote last: a replica that was promoted, a dump that was restored. Its
/// numbers may have been seen by viewers and lost here, so none may be used again. So too where the last number is none that
/// counting can go on from.
public enum EpochScript {
    /// `KEYS`: channel, hash, list. `ARGV`: run id of the Redis that is read. The state stays, as that of an earlier epoch.
    public static let text = #"""
        #!lua
        \#(PublishCore.epochLua)
        \#(PublishCore.countingLua)

        local meta, history, run = KEYS[2], KEYS[3], ARGV[1]
        local task = redis.call('HMGET', meta, 'e', 'rid', 's')
        if not task[1] or task[2] == run and is_countable(task[3]) then return 0 end
        redis.call('HSET', meta, 'e', new_epoch(), 's', '0', 'rid', run, 'ss', '0', 'hb', '0')
        redis.call('DEL', history)
        return 1
        """#
}
