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

    /// What users say to be. `KEYS`: base. `ARGV`: user, status, and the ms of Redis' time it was said at (empty: now), again
    /// and again. Kept while the user is connected; `online` is nothing to show, but its time is kept: of what several loops
    /// write again after a loss, the last said wins. Answers for each the ms it was said at, 0 where the user is not there.
    public static let setStatuses = #"""
        #!lua
        local base, time, answer = KEYS[1], redis.call('TIME'), {}
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        for place = 1, #ARGV, 3 do
            local user, status, at = ARGV[place], ARGV[place + 1], tonumber(ARGV[place + 2])
            local before = tonumber(redis.call('HGET', base .. 't', user)) or 0
            -- Said later is later, whatever the clock says.
            at = at or math.max(now, before + 1)
            if redis.call('HEXISTS', base .. 'u', user) == 0 then
                at = 0
            elseif at >= before then
                redis.call('HSET', base .. 't', user, string.format('%d', at))
                if status == 'online' then
                    redis.call('HDEL', base .. 's', user)
                else
                    redis.call('HSET', base .. 's', user, status)
                end
            end
            answer[#answer + 1] = at
        end
        return answer
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
