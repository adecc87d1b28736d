/// Messages that a client of `topics` has to acknowledge, kept for one user and client so that they survive its
/// connection and its node.
///
/// One hash a client: the message's id -> attempts, space, ms of Redis' time it was first kept at, line feed, text; field
/// `@` is the connection that sends them again. Holders are compared as text, later ones are greater: the newest connection
/// has taken over.
public enum AcknowledgementScripts {
    /// Keeps a message; one that is there stays as it is. `ARGV`: holder, message id, text, most messages, seconds to live.
    /// Answers 1, or 0 where there is no room or another connection holds them.
    public static let add = #"""
        #!lua
        local key, holder, id = KEYS[1], ARGV[1], ARGV[2]
        local current = redis.call('HGET', key, '@')
        if current and current > holder then return 0 end
        if redis.call('HLEN', key) > tonumber(ARGV[4]) and redis.call('HEXISTS', key, id) == 0 then return 0 end
        local time = redis.call('TIME')
        redis.call('HSET', key, '@', holder)
        redis.call('HSETNX', key, id, string.format('0 %d\n', time[1] * 1000 + math.floor(time[2] / 1000)) .. ARGV[3])
        redis.call('EXPIRE', key, ARGV[5])
        return 1
        """#

    /// Takes over what another connection left. `ARGV`: holder, seconds to live. Answers attempts and text of each message,
    /// oldest first, and how many had been kept for so long that they were dropped: `[dropped, id, attempts, text, …]`.
    /// This counts as no attempt: who comes back often must not lose by it.
    public static let takeOver = #"""
        #!lua
        local key, holder, time = KEYS[1], ARGV[1], redis.call('TIME')
        local oldest = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[2]) * 1000
        local current = redis.call('HGET', key, '@')
        if not current or current > holder then return {0} end
        redis.call('HSET', key, '@', holder)
        local answer, entries, kept = {0}, redis.call('HGETALL', key), {}
        for place = 1, #entries, 2 do
            local id = entries[place]
            if id ~= '@' then
                local attempts, since, text = string.match(entries[place + 1], '^(%d+) (%d+)\n(.*)$')
                if not since or tonumber(since) <= oldest then
                    redis.call('HDEL', key, id)
                    answer[1] = answer[1] + 1
                else
                    kept[#kept + 1] = {tonumber(since), id, tonumber(attempts), text}
                end
            end
        end
        table.sort(kept, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
        for _, entry in ipairs(kept) do
            answer[#answer + 1], answer[#answer + 2], answer[#answer + 3] = entry[2], entry[3], entry[4]
        end
        if #kept == 0 then redis.call('DEL', key) end
        return answer
        """#

    /// Asks whether a message is to be sent again, and counts the attempt. `ARGV`: holder, message id, the attempt's number,
    /// most attempts. Answers the number; 0 where it was acknowledged or another connection holds it; -1 where it has had
    /// its last attempt.
    public static let attempt = #"""
        #!lua
        local key, holder, id = KEYS[1], ARGV[1], ARGV[2]
        local entry = redis.call('HGET', key, id)
        if not entry or redis.call('HGET', key, '@') ~= holder then return 0 end
        if tonumber(ARGV[3]) > tonumber(ARGV[4]) then
            redis.call('HDEL', key, id)
            if redis.call('HLEN', key) == 1 then redis.call('DEL', key) end
            return -1
        end
        redis.call('HSET', key, id, ARGV[3] .. string.match(entry, '^%d+(.*)$'))
        return tonumber(ARGV[3])
        """#

    /// Forgets an acknowledged message. `ARGV`: message id.
    public static let remove = #"""
        #!lua
        redis.call('HDEL', KEYS[1], ARGV[1])
        if redis.call('HLEN', KEYS[1]) <= 1 then redis.call('DEL', KEYS[1]) end
        return 1
        """#
}
