#!lua name=fantail
-- The Function with which any worker publishes from any Redis client: FCALL fantail_publish 1 task:video_1 '{"progress":45}'.
-- Here the script itself checks and classifies the events (EventJSON.lua), by the same rules as Event in Swift.
--
-- KEYS   task:<id> or topic:<name>; or the channel's hash and its history, the only form for a cluster
-- ARGV   the events; Redis takes all of several events, in order, or none
-- Reply  `[epoch, last sequence, loops that were subscribed]`, or the error INVALID, FINISHED or NOPERM
-- Parts  Epoch Counting Writers Rights Publishing EventJSON
-- Try    ops/redis/script -p PublishFunction | redis-cli -x FUNCTION LOAD REPLACE
--
-- A node replaces the next five lines by its own settings when it loads the Function (PublishFunction.swift).
local version = '15 64 262144 604800 PUBLISH'
local key_prefix, channel_prefix = 'ft', ''
local limits = {entries = 64, bytes = 262144, ttl = 604800}
local cluster_command = 'PUBLISH'
local function_name = 'fantail_publish'

local max_event_bytes, max_events, max_batch_bytes, max_progress_bytes = 65536, 256, 1048576, 32

-- An empty string counts as missing.
local function text_of(value) return value and value ~= '' and type(value) == 'string' and value or nil end

-- The field with the object that has an event's fields, for events in the shapes of clients.
local wrapped = {
    taskProgress = 'payload', taskUpdated = 'payload', taskCompleted = 'payload', taskFailed = 'payload',
    job_status = 'data', stage_completed = 'data', job_error = 'data',
}
local kinds = {
    progress = 'p', taskProgress = 'p', taskUpdated = 'p', job_status = 'p', stage = 's', stage_completed = 's',
    completed = 'c', taskCompleted = 'c', failed = 'f', taskFailed = 'f', job_error = 'f',
}

local function kind_of(name, body)
    local kind, status = kinds[name] or 'o', text_of(body.status)
    if not status then return kind, false end
    status = string.upper(status)
    if kind == 'p' and status == 'COMPLETED' then return 'c' end
    if kind == 'p' and status == 'FAILED' then return 'f' end
    -- A final status in a stage event is the status of the stage, not of the task.
    return kind, kind == 's' and (status == 'COMPLETED' or status == 'FAILED')
end

local function may_retry(name, body)
    return name == 'job_error' or type(body.error) == 'table' and body.error.retryable == true
end

local function stages_of(list, json, wrapper)
    if not list or type(list) ~= 'table' then return nil end
    for key, stage in pairs(list) do
        if type(key) ~= 'number' or type(stage) ~= 'string' then return nil end
    end
    if #list > 0 then return cjson.encode(bounded(list)) end
    return not is_object(list, json, wrapper, 'completedStages') and '[]' or nil
end

-- The text of an integer; nil for other numbers, and for integers that need more than 64 bits with a sign.
local function integer_of(text)
    local sign, digits = string.match(text, '^(-?)(%d+)$')
    local most = sign == '-' and '9223372036854775808' or '9223372036854775807'
    if not digits or #digits > 19 or #digits == 19 and digits > most then return nil end
    return digits == '0' and digits or text
end

-- A user's or team's id: a string, or an integer, since tokens may have either.
local function id_of(object, name, json, numbers)
    local value = object[name]
    if value == nil or value == cjson.null then return false end
    if type(value) == 'number' then value = integer_of((numbers or fields_of(json))[name]) end
    if type(value) ~= 'string' or #value < 1 or #value > 128 or string.find(value, '[^\33-\126]')
        or string.find(value, '[{}]')
    then
        return false, name .. ' must be an id: 1 to 128 printable ASCII characters'
    end
    return value
end

-- The text of a number as the worker wrote it, which cjson drops. Of an ordinary event `numbers` has it. Else it mostly
-- follows the first occurrence of the field's name; if not, `fields_of` finds it. nil for a number larger than a double, or
-- longer than the bytes that owners are sent.
local function number_of(body, name, json, wrapper, has_odd_number, numbers)
    if numbers then return numbers[name] end
    local value = body[name]
    if type(value) ~= 'number' then return nil end
    if has_odd_number then
        local text = fields_of(wrapper and fields_of(json)[wrapper] or json)[name]
        if #text > max_progress_bytes or math.abs(value) == math.huge then return nil end
        return text
    end
    local text = string.match(json, '"' .. name .. '"[ \t\r\n]*:[ \t\r\n]*([-+.%w]+)')
    if text and #text <= max_progress_bytes and tonumber(text) == value then return text end
    return fields_of(wrapper and fields_of(json)[wrapper] or json)[name]
end

-- The object that has the event's fields, and its name when the event has the shape of a client's message; nil and the reason
-- when it is invalid.
local function body_of(object, name, json)
    local wrapper = wrapped[name]
    if not wrapper or object[wrapper] == nil then return object end
    if not is_object(object[wrapper], json, wrapper) then return nil, wrapper .. ' must be an object' end
    return object[wrapper], wrapper
end

-- What an event says; nil and the reason when it is invalid. `numbers` has the texts of an ordinary event's numbers.
local function classify(json, object, is_task, has_odd_number, numbers)
    local name = object.type
    if name == nil or name == cjson.null then name = 'progress' end
    if type(name) ~= 'string' or name == '' then return nil, 'type must be a string that is not empty' end
    local body, wrapper = body_of(object, name, json)
    if not body then return nil, wrapper end
    local kind, is_of_stage = kind_of(name, body)
    local owner, team, ends, problem = false, false, false, nil
    if is_task then
        -- Only tasks have owners and teams; in a topic these fields belong to the application.
        owner, problem = id_of(object, 'owner', json, numbers)
        if problem then return nil, problem end
        team, problem = id_of(object, 'team', json, numbers)
        if problem then return nil, problem end
        ends = kind == 'c' or kind == 'f' and not may_retry(name, body)
    end
    local restart = object.restart == true
    if kind == 'o' then return {json = json, kind = kind, restart = restart, owner = owner, team = team} end
    local add, stage = nil, text_of(body.currentStage) or text_of(body.currentStep)
    if kind == 's' then
        add, stage = text_of(body.stage), text_of(body.nextStage) or stage
        if not add then return nil, 'a stage event needs the string stage' end
    end
    local status = not is_of_stage and text_of(body.status)
    if status and (#status > 64 or string.find(status, '%c')) then status = false end
    return {
        json = json, kind = kind, restart = restart, owner = owner, team = team, ends = ends,
        stage = stage, add = add, done = stages_of(body.completedStages, json, wrapper), status = status,
        message = body.message and type(body.message) == 'string' and body.message,
        progress = number_of(body, 'progress', json, wrapper, has_odd_number, numbers),
        total = number_of(body, 'totalSteps', json, wrapper, has_odd_number, numbers),
        remaining = number_of(body, 'estimatedTimeRemaining', json, wrapper, has_odd_number, numbers),
    }
end

-- Reads an event that is not ordinary: cjson decodes it, and EventJSON.lua finds in the text what cjson accepts or drops.
local function read_with_cjson(json, is_task)
    if not string.find(json, '^[ \t\r\n]*{') then return nil, 'not a JSON object' end
    if not is_utf8(json) then return nil, 'not UTF-8' end
    cjson.decode_invalid_numbers(false)
    cjson.decode_max_depth(64)
    local ok, object = pcall(cjson.decode, json)
    if not ok then return nil, 'not JSON: ' .. tostring(object) end
    local problem, outside, has_odd_number = laxness(json)
    if problem then return nil, 'not JSON: ' .. problem end
    local _, colons = string.gsub(outside, ':', '')
    if colons ~= keys_in(object) then
        local _, stands_twice = fields_of(json)
        if stands_twice then return nil, 'a field of the event appears twice' end
        object = first_of(json, 3)
    end
    return classify(json, object, is_task, has_odd_number)
end

local function read_event(json, is_task)
    if #json > max_event_bytes then return nil, 'more than 65536 bytes' end
    local object, numbers = ordinary_object(json)
    if object then return classify(json, object, is_task, false, numbers) end
    return read_with_cjson(json, is_task)
end

local function read_events(args, is_task)
    if #args == 0 then return nil, 'no event given' end
    if #args > max_events then return nil, 'more than 256 events' end
    local events, bytes = {}, 0
    for index = 1, #args do
        local json = args[index]
        local event, problem = read_event(json, is_task)
        if not event then
            return nil, #args > 1 and string.format('event %d: %s', index - 1, problem) or problem
        end
        events[index], bytes = event, bytes + #json
    end
    if bytes > max_batch_bytes then return nil, 'more than 1048576 bytes of events' end
    return events
end

-- 'task' or 'topic' for task:<id> or topic:<name> with a valid id: printable ASCII without spaces and braces.
local function kind_of_channel(channel)
    if string.sub(channel, 1, #channel_prefix) ~= channel_prefix then return nil end
    local kind, id = string.match(channel, '^(%l+):([!-z|~]+)$', #channel_prefix + 1)
    return (kind == 'task' or kind == 'topic') and #id <= 128 and kind or nil
end

-- The run id of this Redis, and whether it is a cluster; the Function asks for both once, at the first event. In a cluster,
-- nodes regularly send the run ids of all masters (Writers.lua). Only this process keeps them: a replica that becomes a
-- master has none, so it treats the numbers in its data as another Redis' numbers, as it must.
local run_id, is_cluster
local masters, way = '', ''

local function ask_server()
    local info = redis.call('INFO', 'server')
    run_id, is_cluster = string.match(info, 'run_id:(%x+)'), string.find(info, '_mode:cluster', 1, true) ~= nil
    if is_cluster then way = ' ' .. cluster_command end
end

-- The start of every channel's keys.
local base_start = key_prefix .. ':{'

-- Returns the channel, its hash and its history; nil and the reason when the keys name no channel.
local function keys_of(keys)
    local first = keys[1] or ''
    if #keys == 2 and string.sub(first, 1, #base_start) == base_start and string.sub(first, -3) == '}:m' then
        local base = string.sub(first, 1, -2)
        if keys[2] == base .. 'h' then return string.sub(first, #base_start + 1, -4), first, keys[2] end
    end
    if #keys == 1 and not is_cluster then
        local base = base_start .. first .. '}:'
        return first, base .. 'm', base .. 'h'
    end
    local base = base_start .. (#keys == 1 and first or channel_prefix .. 'task:<id>') .. '}:'
    local own = 'FCALL ' .. function_name .. ' 2 ' .. base .. 'm ' .. base .. 'h EVENT'
    if is_cluster then return nil, 'in a cluster name the own keys of the task or topic: ' .. own end
    return nil, 'the one key must be task:<id> or topic:<name>; or name the two of its own: ' .. own
end

local function fantail_publish(keys, args)
    if not run_id then ask_server() end
    local channel, meta, history = keys_of(keys)
    if not channel then return redis.error_reply('INVALID ' .. meta) end
    local kind = kind_of_channel(channel)
    if not kind then
        return redis.error_reply('INVALID the channel must be task:<id> or topic:<name>, 1 to 128 bytes of printable ASCII '
            .. 'without spaces and braces')
    end
    local events, problem = read_events(args, kind == 'task')
    if not events then return redis.error_reply('INVALID event: ' .. problem) end
    return publish(channel, channel_prefix, meta, history, run_id .. masters .. way, limits, events)
end

-- Answers the version. Nodes send the run ids of all masters with the question when there are several masters.
local function answer_version(keys, run_ids)
    if #run_ids > 0 then masters = ' ' .. table.concat(run_ids, ' ') end
    return version
end

redis.register_function(function_name, fantail_publish)
redis.register_function{
    function_name = function_name .. '_version',
    callback = answer_version,
    flags = {'no-writes'},
}
