-- The part that the script of the nodes and the Function of the workers have in common: one batch of events, already
-- classified, written and published as one step.
--
-- The hash of a task or topic: `e` epoch, `s` last sequence, `rid` run id of the Redis that wrote last, `hb` bytes of
-- history, `st` state with its sequence `ss` (0: of an earlier epoch) and time `sm`, `end` how the task ended, `cs` current
-- stage, `ds` completed stages as a JSON array, `pg` progress and `sw` status word as last told, so too `mg` message (empty
-- where it was taken back), `ts` total steps and `et` seconds remaining, `sa` when it began and `um` when an event came that
-- is no state (both ms), `ow` owner, `tm` team, `tp` whether it was registered with secrets (RegistrationScript). What the
-- state itself says of its own (result, metrics, error) stands in the state only.
--
-- The list of its history holds the newest envelopes. Beside what was published each says what was known with it (Envelope
-- in Swift): a viewer that missed it is told the same as those that were there.
--
-- Redis does not roll back a script that is refused in the middle. So everything is checked before the first write: the
-- caller's rights to every command and key that follows, and the types of the keys (HMGET reads the one, RPUSH, the first
-- write, finds the other).
--
-- `string`, `math` and the rest are looked up where they are used: while a Function library loads, Redis 7.0 has no globals
-- but `redis`.

-- As CompletedStages in Swift has them.
local max_stages, max_stage_bytes = 256, 16384

-- The error where the caller may not do all that a publish takes; nil where it may. RPUSH is the first write.
local function lack_of_rights(channel, meta, history)
    return lack_of_right('PUBLISH', channel, '') or lack_of_right('HSET', meta, 's', '')
        or lack_of_right('HDEL', meta, 'st') or lack_of_right('EXPIRE', meta, '1')
        or lack_of_right('LPOP', history) or lack_of_right('EXPIRE', history, '1')
end

-- How the task stands after `event`: 'completed', 'failed', or false while it runs.
local function standing(ended, event)
    if event.ends then return event.kind == 'c' and 'completed' or 'failed' end
    if event.restart then return false end
    return ended
end

-- nil when every event may follow the one before it, else the error.
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

-- The names of stages that may be kept, each once: one rule, as `CompletedStages` has it.
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

-- Progress and status as last told: what an event leaves out. What goes on is no longer queued, nor at an end.
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

-- Message, steps and time remaining: those of an end are forgotten when the task goes on.
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

-- What a late viewer must be told, after `event`.
local function note(task, event, sequence, ms)
    if event.restart then
        -- The old end must not be what a late viewer is told.
        for _, name in ipairs({'cs', 'ds', 'st', 'ss', 'sm', 'pg', 'sw', 'mg', 'ts', 'et'}) do task[name] = false end
        task.sa = ms
    end
    -- The first event that names one has named it.
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

-- The task as it is stored, twice: once to be changed.
local function load_task(meta)
    local values, task, stored = redis.call('HMGET', meta, unpack(names)), {}, {}
    for index, name in ipairs(names) do task[name], stored[name] = values[index], values[index] end
    return task, stored
end

-- Writes what has changed (the sequence always has), deletes what was cleared.
local function save_task(meta, task, stored, bytes, ttl)
    local fields, gone = {'hb', string.format('%d', bytes)}, {}
    for name, value in pairs(task) do
        if value and value ~= stored[name] then
            fields[#fields + 1] = name
            fields[#fields + 1] = value
        elseif not value and stored[name] ~= false then
            -- Stored, or (the state) not looked at.
            gone[#gone + 1] = name
        end
    end
    redis.call('HSET', meta, unpack(fields))
    if #gone > 0 then redis.call('HDEL', meta, unpack(gone)) end
    redis.call('EXPIRE', meta, ttl)
end

-- The newest envelopes, bounded by number and by bytes, the newest always kept.
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

-- Tells a task's owner and its team, who need not follow it: the same envelope with the task's name, progress and
-- status, and to the team also the owner, who has been told. A worker that may not publish there still publishes
-- (pcall).
local function tell(task, prefix, event)
    if event.kind == 'o' then return end
    local rest = '\t' .. event.standing .. '\n' .. event.json
    if task.ow then redis.pcall('PUBLISH', prefix .. 'user:' .. task.ow, event.header .. '\t' .. rest) end
    if task.tm then
        redis.pcall('PUBLISH', prefix .. 'team:' .. task.tm, event.header .. '\t' .. (task.ow or '') .. rest)
    end
end

-- Nobody asks the third party of a task that has ended. Tells nodes on a channel of their own that it runs again, where it
-- has a third party to ask: the channel is spelled like that of a task without a name, so workers may publish there. A worker
-- that may not still publishes its event (pcall).
local function revive(channel, prefix, meta)
    if redis.call('HMGET', meta, 'tp')[1] ~= 'asked' then return end
    redis.pcall('PUBLISH', prefix .. 'task:', channel)
end

local function publish(channel, prefix, meta, history, run, limits, events)
    local task, stored = load_task(meta)
    local name = string.sub(channel, #prefix + 1)
    local is_task = string.sub(name, 1, 5) == 'task:'
    -- What is told under a topic goes on, whatever one message says of an order or a build.
    if not is_task then task['end'] = false end
    local refused = refusal(task['end'], events)
    refused = refused or lack_of_rights(channel, meta, history)
    if refused then return refused end

    local time = redis.call('TIME')
    local ms = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
    local sequence = is_countable(task.s) and tonumber(task.s)
    if not task.e then task.sa = ms end
    if not task.e or not is_known_writer(task.rid, run) or not sequence or not is_countable(task.hb or '0') then
        -- Another Redis wrote last: its numbers may have been seen by viewers and lost here. Or they are no numbers.
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
    for _, envelope in ipairs(envelopes) do receivers = redis.call('PUBLISH', channel, envelope) end
    if is_task and (task.ow or task.tm) then
        for _, event in ipairs(events) do tell(task, prefix, event) end
    end
    return {task.e, sequence, receivers}
end
