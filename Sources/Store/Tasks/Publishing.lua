-- Stores and publishes one batch of classified events in one step: the common part of the nodes' script and the workers'
-- Function.
--
-- Fields of a task's or topic's hash: `e` epoch; `s` last sequence; `rid` run id of the Redis that wrote last; `hb` bytes of
-- the history; `st` state, with its sequence `ss` (0: of an earlier epoch) and time `sm`; `end` how the task ended; `cs`
-- current stage; `ds` completed stages, a JSON array. The last values of `pg` progress, `sw` status, `mg` message (empty when
-- a worker cleared it), `ts` total steps and `et` seconds remaining. `sa` time of the start, and `um` time of the last event
-- that is not a state (both ms); `xp` time at which Redis deletes the keys (ms); `ow` owner; `tm` team; `tp` whether the task
-- was registered with secrets (RegistrationScript). Only the state itself has result, metrics and error.
--
-- The history is a list of the newest envelopes. Each envelope also has what was known of the task at its event (Envelope in
-- Swift), so that a viewer who missed the event gets the same message as the viewers who were there.
--
-- Redis does not roll back a script that fails in the middle. So the script first checks the caller's rights to every command
-- and key, and the types of the keys: HMGET fails for a wrong hash, and RPUSH, the first write, for a wrong history.
--
-- The functions use `string`, `math` and other globals directly, without local names: while Redis 7.0 loads a Function
-- library, it has no globals but `redis`.

-- The bounds of CompletedStages in Swift.
local max_stages, max_stage_bytes = 256, 16384

-- The error when the caller lacks a right that publishing needs, else nil. RPUSH, the first write, checks its own right.
local function lack_of_rights(channel, meta, history, command)
    local may = redis.acl_check_cmd
    if may(command, channel, '') and may('HSET', meta, 's', '') and may('HDEL', meta, 'st') and may('EXPIRE', meta, '1')
        and may('LPOP', history) and may('EXPIRE', history, '1')
    then
        return nil
    end
    return lack_of_right(command, channel, '') or lack_of_right('HSET', meta, 's', '')
        or lack_of_right('HDEL', meta, 'st') or lack_of_right('EXPIRE', meta, '1')
        or lack_of_right('LPOP', history) or lack_of_right('EXPIRE', history, '1')
end

-- The end of the task after `event`: 'completed', 'failed', or false while it runs.
local function standing(ended, event)
    if event.ends then return event.kind == 'c' and 'completed' or 'failed' end
    if event.restart then return false end
    return ended
end

-- The error when an event must not follow the one before it, else nil.
local function refusal(ended, events)
    for index = 1, #events do
        local event = events[index]
        if ended and not event.restart and event.kind ~= 'o' then
            local place = #events > 1 and string.format(', event %d of the batch', index - 1) or ''
            return redis.error_reply('FINISHED task already ' .. ended .. place)
        end
        ended = standing(ended, event)
    end
    return nil
end

-- The names of the stages to keep, each once, by the rule of CompletedStages in Swift.
local function bounded(names)
    local kept, known, bytes = {}, {}, 0
    for _, name in ipairs(names) do
        if #kept >= max_stages then break end
        if not known[name] and bytes + #name <= max_stage_bytes then
            known[name], bytes = true, bytes + #name
            kept[#kept + 1] = name
        end
    end
    return kept
end

local function add_stage(list, stage)
    local stages = list and cjson.decode(list) or {}
    local count = #stages
    stages[count + 1] = stage
    stages = bounded(stages)
    return #stages > count and cjson.encode(stages) or list
end

local function is_final(status) return status == 'COMPLETED' or status == 'FAILED' end

-- Sets progress and status; a value that the event leaves out stays. A task that goes on is neither QUEUED nor at its end.
local function note_standing(task, event)
    if event.kind == 'o' then return end
    if event.progress then task.pg = event.progress end
    if event.kind == 'c' then
        task.pg, task.sw = '100', 'COMPLETED'
    elseif event.kind == 'f' then
        task.sw = 'FAILED'
    elseif event.status then
        task.sw = event.status
    elseif is_final(task.sw) then
        task.sw = false
    elseif task.sw and string.upper(task.sw) == 'QUEUED' then
        task.sw = 'RUNNING'
    end
end

-- Sets message, total steps and remaining time. When a task goes on after its end, the message and time of the end are
-- cleared.
local function note_rest(task, event)
    if event.kind == 'o' then return end
    if event.kind == 'c' or event.kind == 'f' then
        task.et = false
    else
        if is_final(task.sw) then task.et, task.mg = false, false end
        task.et = event.remaining or task.et
    end
    if event.message then task.mg = event.message end
    if event.total then task.ts = event.total end
end

-- Sets everything that late viewers get after `event`.
local function note(task, event, sequence, ms)
    if event.restart then
        -- Late viewers must not get the old end.
        for _, name in ipairs({'cs', 'ds', 'st', 'ss', 'sm', 'pg', 'sw', 'mg', 'ts', 'et'}) do task[name] = false end
        task.sa = ms
    end
    -- The first event with an owner or a team sets it for good.
    task.ow = task.ow or event.owner
    task.tm = task.tm or event.team
    note_rest(task, event)
    note_standing(task, event)
    task['end'] = standing(task['end'], event)
    if event.kind == 'p' or event.kind == 'c' or event.kind == 'f' then
        task.st, task.ss, task.sm = event.json, sequence, ms
    else
        task.um = ms
    end
    if event.done then task.ds = event.done end
    if event.add then task.ds = add_stage(task.ds, event.add) end
    if event.stage then task.cs = event.stage end
end

-- The fields that publishing reads, in the order of load_task, and then those that it only writes.
local task_fields = {
    'e', 's', 'rid', 'hb', 'end', 'cs', 'ds', 'ow', 'tm', 'pg', 'sw', 'et', 'xp',
    'st', 'ss', 'sm', 'mg', 'ts', 'um', 'sa',
}

-- Returns a table of the task for changes, and the stored values in the order of `task_fields`. The table has room for what
-- most events write, since Lua copies a table that grows.
local function load_task(meta)
    local stored = redis.call('HMGET', meta, 'e', 's', 'rid', 'hb', 'end', 'cs', 'ds', 'ow', 'tm', 'pg', 'sw', 'et', 'xp')
    return {
        e = stored[1], s = stored[2], rid = stored[3], hb = stored[4], ['end'] = stored[5], cs = stored[6], ds = stored[7],
        ow = stored[8], tm = stored[9], pg = stored[10], sw = stored[11], et = stored[12], xp = stored[13],
        st = nil, ss = nil, sm = nil, mg = nil,
    }, stored
end

-- Returns the changed fields with their values, one after the other, and the names of the cleared ones, nil when there is
-- none. A field that was not read, such as the state, counts as changed when it was set, since it may be stored.
local function changes(task, stored)
    -- Room for eight fields, as in load_task.
    local changed, count, gone = {nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil}, 0, nil
    for index = 1, #task_fields do
        local name = task_fields[index]
        local value = task[name]
        if value ~= stored[index] then
            if value then
                changed[count + 1], changed[count + 2], count = name, value, count + 2
            else
                gone = gone or {}
                gone[#gone + 1] = name
            end
        end
    end
    return changed, count, gone
end

-- Writes the changed fields (the sequence always changes), and deletes the cleared ones.
local function save_task(meta, task, stored)
    local changed, count, gone = changes(task, stored)
    redis.call('HSET', meta, unpack(changed, 1, count))
    if gone then redis.call('HDEL', meta, unpack(gone)) end
end

-- Appends the envelopes to the history, then removes the oldest beyond the limits; the newest always stays. Returns the
-- bytes of the history, and whether it had no entry before.
local function keep_history(history, envelopes, bytes, limits)
    local count
    for index = 1, #envelopes do
        count = redis.call('RPUSH', history, envelopes[index])
        bytes = bytes + #envelopes[index]
    end
    local is_new = count == #envelopes
    while count > limits.entries or (bytes > limits.bytes and count > 1) do
        bytes = bytes - #redis.call('LPOP', history)
        count = count - 1
    end
    return bytes, is_new
end

-- Redis keeps a task for at least `ttl` seconds after an event. The keys get a sixteenth more than that, so that most events
-- need not set the time again. Returns the seconds to set, nil when the time that was set last is still enough. A history
-- without earlier entries is a new key, which has no time.
local function seconds_to_set(task, now, ttl, is_new)
    local least, more = now + ttl * 1000, math.floor(ttl / 16)
    local deletion = not is_new and task.xp and tonumber(task.xp)
    if deletion and deletion >= least and deletion <= least + more * 1000 then return nil end
    task.xp = string.format('%d', least + more * 1000)
    return ttl + more
end

-- The text as JSON. Most need no escapes, and so no cjson.
local function quoted(text)
    return string.find(text, '^[%w _.-]*$') and '"' .. text .. '"' or cjson.encode(text)
end

-- Publishes the event to the task's owner and team, who need not follow the task: the same envelope with the task's name,
-- progress and status. The team's message also names the owner, who has the event already. With pcall, the event is published
-- even when the worker lacks the right to these channels.
local function tell(task, prefix, channel, event)
    if event.kind == 'o' then return end
    local name = string.sub(channel, #prefix + 1)
    local header, rest = event.header .. ':' .. name .. '\t', '\t' .. event.standing .. '\n' .. event.json
    if task.ow then redis.pcall('PUBLISH', prefix .. 'user:' .. task.ow, header .. rest) end
    if task.tm then redis.pcall('PUBLISH', prefix .. 'team:' .. task.tm, header .. (task.ow or '') .. rest) end
end

-- Tells the nodes that a task with a third party runs again, since nodes do not ask for a task that has ended. The channel's
-- name is that of a task without an id, so that workers have the right to it; with pcall, the event is published even without
-- the right.
local function revive(channel, prefix, meta)
    if redis.call('HMGET', meta, 'tp')[1] ~= 'asked' then return end
    redis.pcall('PUBLISH', prefix .. 'task:', channel)
end

-- Tells the nodes that the list of tasks should say something else of this one: it began, ended, runs again, or got its owner.
-- By the same channel as revive.
local function announce(task, stored, restarted, channel, prefix)
    local epoch, ended, owner = stored[1], stored[5], stored[8]
    if not epoch or restarted or task['end'] ~= ended or task.ow ~= owner then
        redis.pcall('PUBLISH', prefix .. 'task:', 'changed ' .. channel)
    end
end

-- Tells the nodes that a task or topic is published from here on by this Redis, which takes its slot over: while the slot is open
-- they may hear the former master alone, and only who asks for a key of it learns more. Once for each task and move, on the
-- same channel; a node that does not hear it asks the masters every two seconds.
local function tell_of_move(channel, prefix) redis.pcall('PUBLISH', prefix .. 'task:', 'moved ' .. channel) end

-- Numbers the events and notes them in the task. Returns the envelopes to publish and those for the history, the last number,
-- and whether the task was restarted.
local function number_events(task, events, sequence, ms)
    local envelopes, kept, restarted, start = {}, {}, false, '\001ft1:' .. task.e .. ':'
    for index = 1, #events do
        local event = events[index]
        restarted = restarted or event.restart
        sequence = sequence + 1
        local number = string.format('%d', sequence)
        note(task, event, number, ms)
        local header, standing = start .. number .. ':' .. ms, (task.pg or '') .. '\t' .. (task.sw or '')
        envelopes[index] = header .. '\n' .. event.json
        kept[index] = header .. ':=' .. standing .. '\t' .. (task.cs and quoted(task.cs) or '') .. '\t' .. (task.ds or '')
            .. '\n' .. event.json
        event.header, event.standing = header, standing
    end
    task.s = string.format('%d', sequence)
    return envelopes, kept, sequence, restarted
end

-- Publishes the envelopes. Returns the number of loops that got the last one.
local function send(command, channel, prefix, envelopes, task, events, is_task)
    local receivers = 0
    for index = 1, #envelopes do receivers = publish_by(command, channel, envelopes[index]) end
    if is_task and (task.ow or task.tm) then
        for index = 1, #events do tell(task, prefix, channel, events[index]) end
    end
    return receivers
end

-- Returns the last number and the bytes of the history to go on from; nil and the error when the caller may not write the
-- history. Begins a new epoch when another Redis wrote last, since viewers may have seen numbers that this Redis lost, and when
-- the stored fields are not countable. The third value is whether another master wrote last, and handed the slot over.
local function place_to_go_on(task, run, history)
    local sequence, bytes = count_of(task.s), count_of(task.hb or '0')
    local own = own_run_id(run)
    local was_handed_over = task.rid ~= own
    if not task.e or not is_known_writer(task.rid, run) or not sequence or not bytes then
        local refused = lack_of_right('RPUSH', history, '')
        if refused then return nil, refused end
        task.e, task.ss, sequence, bytes = new_epoch(), '0', 0, 0
        redis.call('DEL', history)
        was_handed_over = false
    end
    task.rid = own
    return sequence, bytes, was_handed_over
end

local function publish(channel, prefix, meta, history, run, limits, events)
    local task, stored = load_task(meta)
    local is_task = string.sub(channel, #prefix + 1, #prefix + 5) == 'task:'
    -- A topic never ends, even when a message in it looks like the end of a task.
    if not is_task then task['end'] = false end
    local command = publish_command(run)
    local refused = refusal(task['end'], events) or lack_of_rights(channel, meta, history, command)
    if refused then return refused end

    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local ms = string.format('%d', now)
    if not task.e then task.sa = ms end
    local last, bytes, was_handed_over = place_to_go_on(task, run, history)
    if not last then return bytes end
    local envelopes, kept, sequence, restarted = number_events(task, events, last, ms)
    local is_new
    bytes, is_new = keep_history(history, kept, bytes, limits)
    task.hb = string.format('%d', bytes)
    local seconds = seconds_to_set(task, now, limits.ttl, is_new)
    save_task(meta, task, stored)
    if seconds then
        redis.call('EXPIRE', meta, seconds)
        redis.call('EXPIRE', history, seconds)
    end
    if restarted and not task['end'] then revive(channel, prefix, meta) end
    if is_task then announce(task, stored, restarted, channel, prefix) end
    local receivers = send(command, channel, prefix, envelopes, task, events, is_task)
    if was_handed_over and command == 'SPUBLISH' then tell_of_move(channel, prefix) end
    return {task.e, sequence, receivers}
end
