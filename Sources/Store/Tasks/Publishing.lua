-- Stores and publishes one batch of classified events in one step: the common part of the nodes' script and the workers'
-- Function.
--
-- Fields of a task's or topic's hash: `e` epoch; `s` last sequence; `rid` run id of the Redis that wrote last; `hb` bytes of
-- the history; `st` state, with its sequence `ss` (0: of an earlier epoch) and time `sm`; `end` how the task ended; `cs`
-- current stage; `ds` completed stages, a JSON array. The last values of `pg` progress, `sw` status, `mg` message (empty when
-- a worker cleared it), `ts` total steps and `et` seconds remaining. `sa` time of the start, and `um` time of the last event
-- that is not a state (both ms); `ow` owner; `tm` team; `tp` whether the task was registered with secrets
-- (RegistrationScript). Only the state itself has result, metrics and error.
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
    for index, event in ipairs(events) do
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

local names = {'e', 's', 'rid', 'hb', 'end', 'cs', 'ds', 'ow', 'tm', 'pg', 'sw', 'et'}

-- The stored fields of the task, twice: the first table is for changes.
local function load_task(meta)
    local values, task, stored = redis.call('HMGET', meta, unpack(names)), {}, {}
    for index, name in ipairs(names) do task[name], stored[name] = values[index], values[index] end
    return task, stored
end

-- Writes the changed fields (the sequence always changes), and deletes the cleared ones.
local function save_task(meta, task, stored, bytes, ttl)
    local fields, gone = {'hb', string.format('%d', bytes)}, {}
    for name, value in pairs(task) do
        if value and value ~= stored[name] then
            fields[#fields + 1] = name
            fields[#fields + 1] = value
        elseif not value and stored[name] ~= false then
            -- The field is stored, or it is one that load_task did not read, such as the state.
            gone[#gone + 1] = name
        end
    end
    redis.call('HSET', meta, unpack(fields))
    if #gone > 0 then redis.call('HDEL', meta, unpack(gone)) end
    redis.call('EXPIRE', meta, ttl)
end

-- Appends the envelopes to the history, then removes the oldest beyond the limits; the newest always stays.
local function keep_history(history, envelopes, bytes, limits)
    local count
    for _, envelope in ipairs(envelopes) do
        count = redis.call('RPUSH', history, envelope)
        bytes = bytes + #envelope
    end
    while count > limits.entries or (bytes > limits.bytes and count > 1) do
        bytes = bytes - #redis.call('LPOP', history)
        count = count - 1
    end
    redis.call('EXPIRE', history, limits.ttl)
    return bytes
end

-- Publishes the event to the task's owner and team, who need not follow the task: the same envelope with the task's name,
-- progress and status. The team's message also names the owner, who has the event already. With pcall, the event is published
-- even when the worker lacks the right to these channels.
local function tell(task, prefix, event)
    if event.kind == 'o' then return end
    local rest = '\t' .. event.standing .. '\n' .. event.json
    if task.ow then redis.pcall('PUBLISH', prefix .. 'user:' .. task.ow, event.header .. '\t' .. rest) end
    if task.tm then
        redis.pcall('PUBLISH', prefix .. 'team:' .. task.tm, event.header .. '\t' .. (task.ow or '') .. rest)
    end
end

-- Tells the nodes that a task with a third party runs again, since nodes do not ask for a task that has ended. The channel's
-- name is that of a task without an id, so that workers have the right to it; with pcall, the event is published even without
-- the right.
local function revive(channel, prefix, meta)
    if redis.call('HMGET', meta, 'tp')[1] ~= 'asked' then return end
    redis.pcall('PUBLISH', prefix .. 'task:', channel)
end

local function publish(channel, prefix, meta, history, run, limits, events)
    local task, stored = load_task(meta)
    local name = string.sub(channel, #prefix + 1)
    local is_task = string.sub(name, 1, 5) == 'task:'
    -- A topic never ends, even when a message in it looks like the end of a task.
    if not is_task then task['end'] = false end
    local refused, command = refusal(task['end'], events), publish_command(run)
    refused = refused or lack_of_rights(channel, meta, history, command)
    if refused then return refused end

    local time = redis.call('TIME')
    local ms = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
    local sequence = is_countable(task.s) and tonumber(task.s)
    if not task.e then task.sa = ms end
    if not task.e or not is_known_writer(task.rid, run) or not sequence or not is_countable(task.hb or '0') then
        -- Another Redis wrote last, and viewers may have seen numbers that this Redis lost; or the fields are not countable.
        task.e, task.hb, task.ss, sequence = new_epoch(), 0, '0', 0
        refused = lack_of_right('RPUSH', history, '')
        if refused then return refused end
        redis.call('DEL', history)
    end
    task.rid = own_run_id(run)

    local envelopes, kept, restarted = {}, {}, false
    for index, event in ipairs(events) do
        restarted = restarted or event.restart
        sequence = sequence + 1
        local number = string.format('%d', sequence)
        note(task, event, number, ms)
        local header = '\001ft1:' .. task.e .. ':' .. number .. ':' .. ms
        envelopes[index] = header .. '\n' .. event.json
        event.header, event.standing = header .. ':' .. name, (task.pg or '') .. '\t' .. (task.sw or '')
        kept[index] = header .. ':=' .. event.standing .. '\t' .. (task.cs and cjson.encode(task.cs) or '') .. '\t'
            .. (task.ds or '') .. '\n' .. event.json
    end
    task.s = string.format('%d', sequence)
    local bytes = keep_history(history, kept, tonumber(task.hb) or 0, limits)
    task.hb = nil
    save_task(meta, task, stored, bytes, limits.ttl)
    if restarted and not task['end'] then revive(channel, prefix, meta) end

    local receivers = 0
    for _, envelope in ipairs(envelopes) do receivers = publish_by(command, channel, envelope) end
    if is_task and (task.ow or task.tm) then
        for _, event in ipairs(events) do tell(task, prefix, event) end
    end
    return {task.e, sequence, receivers}
end
