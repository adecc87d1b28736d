-- Runs `act` once for a name. When the name was used before for the same texts, the script answers the first answer again;
-- for other texts it answers an error. It does not remember a refused act.

-- The seconds for which Redis remembers a name.
local remembered_seconds = 60

local function once(key, texts, act)
    if not key then return act() end
    local digest = redis.sha1hex(table.concat(texts, '\n'))
    local earlier = redis.call('GET', key)
    if earlier then
        local answer = cjson.decode(earlier)
        if answer[1] ~= digest then return redis.error_reply('MISMATCH the key was used with another body') end
        return {answer[2], tonumber(answer[3]), answer[4]}
    end
    local refused = lack_of_right('SET', key, '', 'EX', '1')
    if refused then return refused end
    local answer = act()
    if answer.err then return answer end
    redis.call('SET', key,
        cjson.encode({digest, answer[1], string.format('%d', answer[2]), answer[3]}), 'EX', remembered_seconds)
    return answer
end
