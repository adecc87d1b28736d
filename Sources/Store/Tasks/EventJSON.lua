-- The workers' Function reads JSON with cjson. cjson accepts some invalid JSON, and drops some facts about valid JSON; these
-- functions look for both in the text. Nodes read the same events with simdjson.

-- Whether every byte above 127 belongs to a well-formed UTF-8 sequence (RFC 3629). Two passes replace the common sequences by
-- a space, so that their neighbours do not join; a loop checks the others. 64 KiB of Chinese then take 1 ms instead of 20.
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

-- Returns what is invalid although cjson accepts it: an incomplete number, or a bare control character in a string; nil when
-- there is nothing. Also returns the text without its strings, and whether a number in it is very long or larger than a
-- double.
local function laxness(json)
    local outside = string.gsub(json, '\\.', '')
    if string.find(json, '[%z\1-\31]') then
        for literal in string.gmatch(outside, '"([^"]*)"') do
            if string.find(literal, '[%z\1-\31]') then return 'a control character in a string' end
        end
    end
    outside = string.gsub(outside, '"[^"]*"', '"')
    local has_odd_number = false
    for number in string.gmatch(outside, '[-+.%w]+') do
        local value = tonumber(number)
        if value and (string.find(number, '^[+.]') or string.find(number, '^-[.]') or string.find(number, '[.]%D')
            or string.find(number, '[.]$') or string.find(number, '^-?0[%dxX]'))
        then
            return 'a number that is not JSON'
        end
        if value and (#number > 32 or value == math.huge or value == -math.huge) then has_odd_number = true end
    end
    return nil, outside, has_odd_number
end

-- The place after the value that begins at `at`, in valid JSON.
local function behind(json, at)
    local first = string.sub(json, at, at)
    if first == '"' then
        repeat
            at = string.find(json, '["\\]', at + 1)
            local escapes = string.sub(json, at, at) == '\\'
            if escapes then at = at + 1 end
        until not escapes
        return at + 1
    end
    if first ~= '{' and first ~= '[' then return string.find(json, '[,}%] \t\r\n]', at) end
    local depth = 0
    repeat
        at = string.find(json, '["{}%[%]]', at)
        local mark = string.sub(json, at, at)
        if mark == '"' then
            at = behind(json, at)
        else
            depth = depth + ((mark == '{' or mark == '[') and 1 or -1)
            at = at + 1
        end
    until depth == 0
    return at
end

local function decode(text) return cjson.decode('[' .. text .. ']')[1] end

-- Returns the text of each field of a valid object, and whether a field appears twice; of such a field it returns the first
-- value. This costs more than decoding, so only the few events need it of which cjson drops a fact.
local function fields_of(json)
    local fields, stands_twice, at = {}, false, string.find(json, '{', 1, true) + 1
    while true do
        local start = string.find(json, '["}]', at)
        if string.sub(json, start, start) == '}' then return fields, stands_twice end
        local stop = behind(json, start)
        local key = string.sub(json, start + 1, stop - 2)
        if string.find(key, '\\', 1, true) then key = decode('"' .. key .. '"') end
        start = string.find(json, '[^ \t\r\n:]', stop)
        at = behind(json, start)
        if fields[key] then stands_twice = true else fields[key] = string.sub(json, start, at - 1) end
    end
end

-- Whether the decoded value of the field `name`, or of `inner` in it, is an object. cjson decodes `{}` and `[]` to the same
-- table.
local function is_object(value, json, name, inner)
    if type(value) ~= 'table' then return false end
    local key = next(value)
    if key ~= nil then return type(key) == 'string' end
    if not string.find(json, '{[ \t\r\n]*}') then return false end
    if name then json = fields_of(json)[name] end
    if inner then json = fields_of(json)[inner] end
    return string.sub(json, 1, 1) == '{'
end

local function keys_in(value)
    local count = 0
    for key, inner in pairs(value) do
        if type(key) == 'string' then count = count + 1 end
        if type(inner) == 'table' then count = count + keys_in(inner) end
    end
    return count
end

-- Decodes an object, and takes the first value of a field that appears twice, as every other reader does; cjson takes the
-- last. `levels` is the depth of the deepest field that this file reads: the body's `error`.
local function first_of(json, levels)
    local object = {}
    for key, text in pairs(fields_of(json)) do
        local is_inner = levels > 1 and string.sub(text, 1, 1) == '{'
        object[key] = is_inner and first_of(text, levels - 1) or not is_inner and decode(text)
    end
    return object
end

-- Whether strings of JSON may have all the characters of the text as they are. Most texts are printable ASCII.
local function has_no_escapes(json)
    if string.find(json, '\\', 1, true) then return false end
    return string.find(json, '^[ -~]*$') or not string.find(json, '[%z\1-\31]') and is_utf8(json)
end

-- Whether the text is a number of JSON without an exponent, and short enough for owners.
local function is_plain_number(text)
    if #text > 32 then return false end
    if string.find(text, '^[1-9]%d*$') or text == '0' then return true end
    return string.find(text, '^-?[1-9]%d*%.%d+$') or string.find(text, '^-?0%.%d+$') or string.find(text, '^-[1-9]%d*$')
end

-- The value of a plain number, true, false or null; nil for any other text. Nobody needs the value of a number: `numbers` gets
-- its text.
local function plain_value(key, text, numbers)
    if is_plain_number(text) then
        numbers[key] = text
        return 0
    end
    if text == 'null' then return cjson.null end
    if text == 'true' then return true end
    if text == 'false' then return false end
    return nil
end

-- Reads an ordinary event in one pass, without cjson: an object whose values are strings without escapes, plain numbers, true,
-- false and null, no field twice. Returns its fields, and the texts of its numbers; nil for any other event.
--
-- `%b""` is a string without escapes: Redis finds its end many times faster than that of `"[^"]*"`. The tables have room for
-- the common fields, since Lua copies a table that grows.
local function ordinary_object(json)
    local match, sub = string.match, string.sub
    local at = match(json, '^ *{ *()')
    if not at or not has_no_escapes(json) then return nil end
    local object = {type = nil, status = nil, progress = nil, message = nil, currentStage = nil}
    local numbers = {progress = nil}
    repeat
        local key, value, mark, behind = match(json, '^"([^"]*)" *: *(%b"") *([,}]) *()', at)
        if key then
            value = sub(value, 2, -2)
        else
            key, value, mark, behind = match(json, '^"([^"]*)" *: *([-%w.]+) *([,}]) *()', at)
            value = key and plain_value(key, value, numbers)
        end
        if value == nil or object[key] ~= nil then return nil end
        object[key], at = value, behind
    until mark == '}'
    if at <= #json then return nil end
    return object, numbers
end
