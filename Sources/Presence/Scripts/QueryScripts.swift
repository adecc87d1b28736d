/// What REST asks. None of them changes anything.
public enum QueryScripts {
    /// A page of users online, in the order of their bytes. `KEYS`: base. `ARGV`: the last user of the page before (empty for
    /// the first page), how many. Answers `[ms, users online, user, connections, status or nil, …]`.
    public static let list = #"""
        #!lua flags=no-writes
        local base, first = KEYS[1], ARGV[1] == '' and '-' or '(' .. ARGV[1]
        local time = redis.call('TIME')
        local answer = {time[1] * 1000 + math.floor(time[2] / 1000), redis.call('HLEN', base .. 'u')}
        local users = redis.call('ZRANGEBYLEX', base .. 'x', first, '+', 'LIMIT', 0, ARGV[2])
        if #users == 0 then return answer end
        local counts = redis.call('HMGET', base .. 'u', unpack(users))
        local words = redis.call('HMGET', base .. 's', unpack(users))
        for place, user in ipairs(users) do
            answer[#answer + 1], answer[#answer + 2], answer[#answer + 3] = user, tonumber(counts[place]) or 0, words[place]
        end
        return answer
        """#

    /// One user. `KEYS`: base. `ARGV`: user. Answers `[ms, connections, status or nil, last seen or nil]`.
    public static let status = #"""
        #!lua flags=no-writes
        local base, user = KEYS[1], ARGV[1]
        local time = redis.call('TIME')
        return {
            time[1] * 1000 + math.floor(time[2] / 1000), tonumber(redis.call('HGET', base .. 'u', user)) or 0,
            redis.call('HGET', base .. 's', user), redis.call('ZSCORE', base .. 'off', user),
        }
        """#

    /// Every loop. `KEYS`: base. Answers `[ms, incarnation, last heartbeat, node, loop, version, connections, …]`.
    public static let nodes = #"""
        #!lua flags=no-writes
        local base = KEYS[1]
        local time = redis.call('TIME')
        local answer = {time[1] * 1000 + math.floor(time[2] / 1000)}
        local beats = redis.call('ZRANGE', base .. 'nodes', 0, -1, 'WITHSCORES')
        for place = 1, #beats, 2 do
            local incarnation = beats[place]
            local about = redis.call('HMGET', base .. 'i:' .. incarnation, 'node', 'loop', 'version')
            local connections = tonumber(redis.call('HGET', base .. 'nc', incarnation)) or 0
            for _, value in ipairs({incarnation, beats[place + 1], about[1] or '', about[2] or '0', about[3] or '', connections}) do
                answer[#answer + 1] = value
            end
        end
        return answer
        """#

    /// Asks every loop to close what it holds of a user: WebSockets, and event streams, which are not counted here. `KEYS`: base.
    /// `ARGV`: user, message. Answers how many connections there were.
    public static let disconnect = #"""
        #!lua
        local base, total = KEYS[1], 0
        for _, incarnation in ipairs(redis.call('ZRANGE', base .. 'nodes', 0, -1)) do
            redis.call('PUBLISH', base .. 'node:' .. incarnation, ARGV[2])
            total = total + (tonumber(redis.call('HGET', base .. 'n:' .. incarnation, ARGV[1])) or 0)
        end
        return total
        """#
}
