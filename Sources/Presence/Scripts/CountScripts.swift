/// Who is connected, where, how often; who watches which task.
public enum CountScripts {
    /// A loop's users as they are now: absolute numbers, so that a repeated call changes nothing. `KEYS`: base. `ARGV`:
    /// incarnation, connections of the loop, grace in ms, channel of everyone, most users online for announcements, 1 where
    /// the loop repeats what it had written before, then user and connections, again and again.
    ///
    /// Answers `[0]` where the loop is not registered: what it writes late must not stay behind it. Else `[1, users announced,
    /// version, connections of each user…]`. What is repeated after the data was lost is not announced: those who listen know.
    public static let write =
        PresenceCore.lua + #"""
            local ms, incarnation, grace = now(), ARGV[1], tonumber(ARGV[3])
            if not redis.call('ZSCORE', key('nodes'), incarnation) then return {0} end
            local told = {everyone = ARGV[4], limit = tonumber(ARGV[5])}
            if ARGV[6] == '1' and ms < (tonumber(redis.call('HGET', key('meta'), 'grace')) or 0) then told = nil end
            set_connections(incarnation, tonumber(ARGV[2]))
            local users, answer = key('n:' .. incarnation), {1, 0, 0}
            for place = 7, #ARGV, 2 do
                local user, count = ARGV[place], tonumber(ARGV[place + 1])
                local before = tonumber(redis.call('HGET', users, user)) or 0
                if count > 0 then redis.call('HSET', users, user, count) else redis.call('HDEL', users, user) end
                local total
                if count ~= before then
                    total = add(user, count - before, ms, grace, told)
                else
                    total = tonumber(redis.call('HGET', key('u'), user)) or 0
                end
                answer[#answer + 1] = total
            end
            answer[2], answer[3] = announced(), version()
            return answer
            """#

    /// Which users are stored for a loop, a page at a time: it takes out those it no longer has, after a difference was found.
    /// `KEYS`: base. `ARGV`: incarnation, chunk, cursor. Answers `[next cursor, users…]`.
    public static let stored = #"""
        #!lua flags=no-writes
        local page = redis.call('HSCAN', KEYS[1] .. 'n:' .. ARGV[1], ARGV[3], 'COUNT', ARGV[2])
        local answer = {page[1]}
        for place = 1, #page[2], 2 do answer[#answer + 1] = page[2][place] end
        return answer
        """#

    /// What a user says to be. `KEYS`: base. `ARGV`: user, status. Kept while the user is connected; `online` is nothing to keep.
    public static let setStatus = #"""
        #!lua
        if ARGV[2] == 'online' or redis.call('HEXISTS', KEYS[1] .. 'u', ARGV[1]) == 0 then
            redis.call('HDEL', KEYS[1] .. 's', ARGV[1])
        else
            redis.call('HSET', KEYS[1] .. 's', ARGV[1], ARGV[2])
        end
        return 1
        """#

    /// A task's viewers on one loop, absolutely. `KEYS`: base, the task's hash of viewers. `ARGV`: incarnation, viewers, seconds
    /// to live. Answers 0 where the loop is not registered. The loop's set is written first: what dies in between leaves no
    /// count that nobody knows of.
    public static let setViewers = #"""
        #!lua
        local base, room, incarnation, count = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
        if not redis.call('ZSCORE', base .. 'nodes', incarnation) then return 0 end
        if count > 0 then
            redis.call('SADD', base .. 'r:' .. incarnation, room)
            redis.call('HSET', room, incarnation, count)
            redis.call('EXPIRE', room, ARGV[3])
        else
            redis.call('HDEL', room, incarnation)
            redis.call('SREM', base .. 'r:' .. incarnation, room)
        end
        return 1
        """#
}
