/// Messages that a client of `topics` has to acknowledge, kept for one user and client so that they survive its
/// connection and its node.
///
/// One hash a client: the message's id -> attempts, line feed, text; field `@` is the connection that sends them again.
/// Holders are compared as text, later ones are greater: the newest connection has taken over.
public enum AcknowledgementScripts {
    /// Keeps a message. `ARGV`: holder, message id, text, most messages, seconds to live. Answers 1, or 0 where there is no
    /// room or another connection holds them.
    public static let add = #"""
        #!lua
        local key, holder, id = KEYS[1], ARGV[1], ARGV[2]
        local current = redis.call('HGET', key, '@')
        if current and current > holder then return 0 end
        if redis.call('HLEN', key) > tonumber(ARGV[4]) and redis.call('HEXISTS', key, id) == 0 then return 0 end
        redis.call('HSET', key, '@', holder)
        redis.call('HSETNX', key, id, '0\n' .. ARGV[3])
        redis.call('EXPIRE', key, ARGV[5])
        return 1
        """#

    /// Takes over what another connection left. `ARGV`: holder, most attempts. Answers id, attempts, text of each message,
    /// and how many have had their last attempt and were dropped: `[dropped, id, attempts, text, …]`.
    public static let takeOver = #"""
        #!lua
        local key, holder, most = KEYS[1], ARGV[1], tonumber(ARGV[2])
        local current = redis.call('HGET', key, '@')
        if not current or current > holder then return {0} end
        redis.call('HSET', key, '@', holder)
        local answer, entries = {0}, redis.call('HGETALL', key)
        for place = 1, #entries, 2 do
            local id = entries[place]
            if id ~= '@' then
                local attempts, text = string.match(entries[place + 1], '^(%d+)\n(.*)$')
                attempts = tonumber(attempts) + 1
                if attempts > most then
                    redis.call('HDEL', key, id)
                    answer[1] = answer[1] + 1
                else
                    redis.call('HSET', key, id, attempts .. '\n' .. text)
                    answer[#answer + 1], answer[#answer + 2], answer[#answer + 3] = id, attempts, text
                end
            end
        end
        if redis.call('HLEN', key) == 1 then redis.call('DEL', key) end
        return answer
        """#

    /// Asks whether a message is to be sent again, and counts the attempt. `ARGV`: holder, message id, most attempts.
    /// Answers the attempt's number; 0 where it was acknowledged or another connection holds it; -1 where it has had its
    /// last attempt.
    public static let attempt = #"""
        #!lua
        local key, holder, id = KEYS[1], ARGV[1], ARGV[2]
        local entry = redis.call('HGET', key, id)
        if not entry or redis.call('HGET', key, '@') ~= holder then return 0 end
        local attempts, text = string.match(entry, '^(%d+)\n(.*)$')
        attempts = tonumber(attempts) + 1
        if attempts > tonumber(ARGV[3]) then
            redis.call('HDEL', key, id)
            if redis.call('HLEN', key) == 1 then redis.call('DEL', key) end
            return -1
        end
        redis.call('HSET', key, id, attempts .. '\n' .. text)
        return attempts
        """#

    /// Forgets an acknowledged message. `ARGV`: message id.
    public static let remove = #"""
        #!lua
        redis.call('HDEL', KEYS[1], ARGV[1])
        if redis.call('HLEN', KEYS[1]) <= 1 then redis.call('DEL', KEYS[1]) end
        return 1
        """#
}
