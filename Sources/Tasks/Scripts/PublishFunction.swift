/// Publishing by any worker with any Redis client: `FCALL fantail_publish 1 task:video_1 '{"progress":45}'`.
///
/// Several events in one call are one ordered batch, all or nothing. Here the script itself checks and classifies them:
/// the rules are those of `Event`, told again in Lua.
public struct PublishFunction: Sendable {
    /// Grows with every change of the text: a node loads its library only over an older one.
    public static let version = 4

    /// What the library answers when it is asked which it is: the version of its text, and the limits that are in it.
    static func version(of limits: HistoryLimits) -> String {
        "\(version) \(limits.entries) \(limits.bytes) \(limits.timeToLive)"
    }

    /// Whether a library that answers `found` need not be replaced: it has these limits, and its text is as new. A newer one
    /// stays, whatever its limits: nodes of two versions must not replace each other's.
    public func isCurrent(_ found: String) -> Bool {
        let parts = found.split(separator: " ", maxSplits: 1)
        guard let number = parts.first.flatMap({ Int($0) }) else { return false }
        return number > Self.version || found == expected
    }

    /// The library's name, by which a node asks Redis for the version it holds.
    public let library: String
    /// The library's source, for `FUNCTION LOAD REPLACE`.
    public let source: String
    private let expected: String

    /// The library for these prefixes and limits.
    public init(naming: Naming, limits: HistoryLimits) {
        library = naming.library
        expected = Self.version(of: limits)
        source = """
            #!lua name=\(naming.library)
            local version = '\(Self.version(of: limits))'
            local key_prefix, channel_prefix = '\(naming.keyPrefix)', '\(naming.channelPrefix)'
            local limits = {entries = \(limits.entries), bytes = \(limits.bytes), ttl = \(limits.timeToLive)}

            """ + PublishCore.lua + Self.checks + """

                redis.register_function('\(naming.publishFunction)', fantail_publish)
                redis.register_function{
                    function_name = '\(naming.publishFunction)_version',
                    callback = function() return version end,
                    flags = {'no-writes'},
                }
                """
    }

    private static let checks = #"""


        local max_event_bytes, max_events, max_batch_bytes = 65536, 256, 1048576

        -- Whether every byte above 127 belongs to a well-formed sequence (RFC 3629). The common ones are blanked out in one
        -- pass each (a blank, so that nothing is joined), the rest is walked: a full event of Chinese takes 1 ms, not 20.
        local function is_utf8(text)
            if not string.find(text, '[\128-\255]') then return true end
            text = string.gsub(text, '[\225-\236\238\239][\128-\191][\128-\191]', ' ')
            text = string.gsub(text, '[\194-\223][\128-\191]', ' ')
            local at = string.find(text, '[\128-\255]')
            while at do
                local lead, second, third, fourth = string.byte(text, at, at + 3)
                local tail = 0
                if lead >= 194 and lead <= 223 then
                    tail = 1
                elseif lead >= 224 and lead <= 239 then
                    tail = 2
                elseif lead >= 240 and lead <= 244 then
                    tail = 3
                end
                local low, high = 128, 191
                if lead == 224 then low = 160 elseif lead == 237 then high = 159 end
                if lead == 240 then low = 144 elseif lead == 244 then high = 143 end
                if tail == 0 or not second or second < low or second > high then return false end
                if tail > 1 and (not third or third < 128 or third > 191) then return false end
                if tail > 2 and (not fourth or fourth < 128 or fourth > 191) then return false end
                at = string.find(text, '[\128-\255]', at + tail + 1)
            end
            return true
        end

        -- What cjson lets through and a JSON parser does not: numbers cut short or too large, bare control characters in a
        -- string, a field of the event that stands twice (readers take the first, cjson the last).
        local function laxness(json, object)
            local outside = string.gsub(json, '\\.', '')
            if string.find(json, '[%z\1-\31]') then
                for literal in string.gmatch(outside, '"([^"]*)"') do
                    if string.find(literal, '[%z\1-\31]') then return 'a control character in a string' end
                end
            end
            outside = string.gsub(outside, '"[^"]*"', '"')
            for number in string.gmatch(outside, '[-+.%w]+') do
                local value = tonumber(number)
                if value and (value == math.huge or value == -math.huge) then return 'a number too large' end
                if value and (string.find(number, '^[+.]') or string.find(number, '^-[.]') or string.find(number, '[.]%D')
                    or string.find(number, '[.]$') or string.find(number, '^-?0[%dxX]'))
                then
                    return 'a number that is not JSON'
                end
            end
            local fields, count = string.gsub(string.gsub(string.match(outside, '{(.*)}'), '%b{}', ''), '%b[]', ''), 0
            for _ in pairs(object) do count = count + 1 end
            local _, colons = string.gsub(fields, ':', '')
            return colons ~= count and 'a field stands twice' or nil
        end

        local function text_of(value) return type(value) == 'string' and value or nil end

        -- The object that holds an event's fields: client shapes carry them one level down.
        local wrapped = {
            taskProgress = 'payload', taskUpdated = 'payload', taskCompleted = 'payload', taskFailed = 'payload',
            job_status = 'data', stage_completed = 'data', job_error = 'data',
        }
        local kinds = {
            progress = 'p', taskProgress = 'p', taskUpdated = 'p', job_status = 'p', stage = 's', stage_completed = 's',
            completed = 'c', taskCompleted = 'c', failed = 'f', taskFailed = 'f', job_error = 'f',
        }

        local function kind_of(name, body)
            local kind = kinds[name] or 'o'
            local status = kind == 'p' and text_of(body.status)
            if status and string.upper(status) == 'COMPLETED' then return 'c' end
            if status and string.upper(status) == 'FAILED' then return 'f' end
            return kind
        end

        local function may_retry(name, body)
            return name == 'job_error' or type(body.error) == 'table' and body.error.retryable == true
        end

        local function stages_of(list)
            if type(list) ~= 'table' then return nil end
            for key, stage in pairs(list) do
                if type(key) ~= 'number' or type(stage) ~= 'string' then return nil end
            end
            return #list > 0 and cjson.encode(list) or '[]'
        end

        -- A user's or team's id: a string, or an integer as tokens may have it.
        local function id_of(value, name)
            if value == nil or value == cjson.null then return false end
            if type(value) == 'number' and value == math.floor(value) and math.abs(value) <= 9007199254740991 then
                value = string.format('%d', value)
            end
            if type(value) ~= 'string' or #value < 1 or #value > 128 or string.find(value, '[^\33-\126]')
                or string.find(value, '[{}]')
            then
                return false, name .. ' must be an id: 1 to 128 printable ASCII characters'
            end
            return value
        end

        local function classify(json, object)
            local name = object.type
            if name == nil or name == cjson.null then name = 'progress' end
            if type(name) ~= 'string' or name == '' then return nil, 'type must be a string that is not empty' end
            local body = wrapped[name] and object[wrapped[name]] or object
            if type(body) ~= 'table' or body[1] ~= nil or next(body) == nil and body ~= object
                and string.find(json, '"' .. wrapped[name] .. '"%s*:%s*%[')
            then
                return nil, wrapped[name] .. ' must be an object'
            end
            local kind = kind_of(name, body)
            local event = {json = json, kind = kind, restart = object.restart == true}
            local problem
            event.owner, problem = id_of(object.owner, 'owner')
            if problem then return nil, problem end
            event.team, problem = id_of(object.team, 'team')
            if problem then return nil, problem end
            event.ends = kind == 'c' or kind == 'f' and not may_retry(name, body)
            if kind == 'o' then return event end
            event.stage = text_of(body.currentStage) or text_of(body.currentStep)
            event.done = stages_of(body.completedStages)
            event.progress = type(body.progress) == 'number' and string.format('%.15g', body.progress)
            local status = text_of(body.status)
            if status and #status <= 64 and not string.find(status, '%c') then event.status = status end
            if kind == 's' then
                event.add = text_of(body.stage)
                if not event.add or event.add == '' then return nil, 'a stage event needs the string stage' end
                event.stage = text_of(body.nextStage) or event.stage
            end
            return event
        end

        local function read_event(json)
            if #json > max_event_bytes then return nil, 'more than 65536 bytes' end
            if not string.find(json, '^[ \t\r\n]*{') then return nil, 'not a JSON object' end
            if not is_utf8(json) then return nil, 'not UTF-8' end
            local ok, object = pcall(cjson.decode, json)
            if not ok then return nil, 'not JSON: ' .. tostring(object) end
            local problem = laxness(json, object)
            if problem then return nil, 'not JSON: ' .. problem end
            return classify(json, object)
        end

        local function read_events(args)
            cjson.decode_invalid_numbers(false)
            cjson.decode_max_depth(64)
            if #args == 0 then return nil, 'no event given' end
            if #args > max_events then return nil, 'more than 256 events' end
            local events, bytes = {}, 0
            for index, json in ipairs(args) do
                local event, problem = read_event(json)
                if not event then
                    return nil, #args > 1 and string.format('event %d: %s', index - 1, problem) or problem
                end
                events[index], bytes = event, bytes + #json
            end
            if bytes > max_batch_bytes then return nil, 'more than 1048576 bytes of events' end
            return events
        end

        -- task:<id> or topic:<name>, ids as everywhere: printable ASCII without spaces and braces.
        local function is_channel(channel)
            if string.sub(channel, 1, #channel_prefix) ~= channel_prefix then return false end
            local name = string.sub(channel, #channel_prefix + 1)
            local id = string.match(name, '^task:(.*)$') or string.match(name, '^topic:(.*)$')
            return id and #id >= 1 and #id <= 128 and not string.find(id, '[^\33-\126]') and not string.find(id, '[{}]')
        end

        local run_id

        local function fantail_publish(keys, args)
            if #keys ~= 1 or not is_channel(keys[1]) then
                return redis.error_reply('INVALID the one key must be task:<id> or topic:<name>, 1 to 128 bytes of '
                    .. 'printable ASCII without spaces and braces')
            end
            local events, problem = read_events(args)
            if not events then return redis.error_reply('INVALID event: ' .. problem) end
            run_id = run_id or string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
            local base = key_prefix .. ':{' .. keys[1] .. '}:'
            return publish(keys[1], channel_prefix, base .. 'm', base .. 'h', run_id, limits, events)
        end

        """#
}
