/// A loop's right to be counted: taken, kept up, given back.
public enum LeaseScripts {
    /// `KEYS`: base. `ARGV`: incarnation, node id, loop, version, lease in ms, 1 where the loop had been registered before.
    ///
    /// One that was registered before and finds nothing has outlived the data: all loops will come with what they hold, and
    /// until then (one lease) nobody is taken out and nobody is announced anew. So too where others are registered and nobody
    /// could come for half a lease: Redis was away.
    public static let register =
        PresenceCore.lua + #"""
            local ms, incarnation, lease = now(), ARGV[1], tonumber(ARGV[5])
            local beat = redis.call('HGET', key('meta'), 'hb')
            local is_lost = ARGV[6] == '1' and not beat
            local was_away = beat and ms - tonumber(beat) > lease / 2 and redis.call('EXISTS', key('nodes')) == 1
            if is_lost or was_away then redis.call('HSET', key('meta'), 'grace', whole(ms + lease)) end
            redis.call('ZADD', key('nodes'), ms, incarnation)
            redis.call('HSET', key('i:' .. incarnation),
                'node', ARGV[2], 'loop', ARGV[3], 'version', ARGV[4], 'started', whole(ms))
            redis.call('HSET', key('meta'), 'hb', whole(ms))
            return 1
            """#

    /// `KEYS`: base. `ARGV`: incarnation, users and connections that the loop believes it has counted, lease in ms.
    ///
    /// Answers `[0]` where the loop is not registered (it was taken out, or the data is gone), else `[1 or 2, users online,
    /// users announced, version, connections, comings and goings ever that were not announced]`; 2: what is stored differs
    /// from what the loop believes. Where nobody could come for half a lease, Redis itself was away: nobody is taken out for
    /// one lease (invariant "grace").
    public static let heartbeat =
        PresenceCore.luaAllowingOOM + #"""
            local ms, incarnation, lease = now(), ARGV[1], tonumber(ARGV[4])
            local meta = redis.call('HMGET', key('meta'), 'hb', 'quiet')
            if not redis.call('ZSCORE', key('nodes'), incarnation) then return {0} end
            if meta[1] and ms - tonumber(meta[1]) > lease / 2 then
                redis.call('HSET', key('meta'), 'grace', whole(ms + lease))
            end
            redis.call('HSET', key('meta'), 'hb', whole(ms))
            redis.call('ZADD', key('nodes'), ms, incarnation)
            local users = redis.call('HLEN', key('n:' .. incarnation))
            local connections = tonumber(redis.call('HGET', key('nc'), incarnation)) or 0
            local is_same = users == tonumber(ARGV[2]) and connections == tonumber(ARGV[3])
            return {is_same and 1 or 2, redis.call('HLEN', key('u')), announced(), version(),
                tonumber(redis.call('HGET', key('nc'), '*')) or 0, tonumber(meta[2]) or 0}
            """#

    /// Who is late, and whose going is due. `KEYS`: base. `ARGV`: lease and heartbeat in ms, channel of everyone, most users
    /// online for announcements.
    ///
    /// Answers `[number of incarnations to take out, them…]`: dead ones that are not empty yet, those whose lease is over, and
    /// those late by half a heartbeat whom nobody hears for any more: the kernel closes a killed process's sockets at once.
    /// Does nothing during the grace after an outage.
    public static let tick =
        PresenceCore.luaAllowingOOM + #"""
            local ms, lease, period = now(), tonumber(ARGV[1]), tonumber(ARGV[2])
            local meta = redis.call('HMGET', key('meta'), 'hb', 'grace')
            if not meta[1] or ms - tonumber(meta[1]) > lease / 2 or ms < (tonumber(meta[2]) or 0) then return {} end

            local due = redis.call('ZRANGEBYSCORE', key('w'), '-inf', ms, 'LIMIT', 0, \#(PresenceLimits.announcedPerTick))
            for _, user in ipairs(due) do
                redis.call('ZREM', key('w'), user)
                announce(user, 'offline', ms, ARGV[3], tonumber(ARGV[4]))
            end

            local gone = redis.call('ZRANGE', key('dead'), 0, 9)
            for _, incarnation in ipairs(redis.call('ZRANGEBYSCORE', key('nodes'), '-inf', ms - lease, 'LIMIT', 0, 10)) do
                gone[#gone + 1] = incarnation
            end
            local late = redis.call('ZRANGEBYSCORE', key('nodes'), '(' .. whole(ms - lease), whole(ms - period * 1.5),
                'LIMIT', 0, 10)
            for _, incarnation in ipairs(late) do
                if redis.call('PUBSUB', 'NUMSUB', key('node:' .. incarnation))[2] == 0 then gone[#gone + 1] = incarnation end
            end
            return gone
            """#

    /// Takes a loop out, a chunk at a time. `KEYS`: base. `ARGV`: incarnation, chunk, grace of users in ms, heartbeat in ms,
    /// and 1 where the loop itself asks.
    ///
    /// Answers 1 where there is more to do, else 0. Two that do this at once take different chunks; one that dies leaves what
    /// any other continues. Where the loop has come back meanwhile, nothing is done.
    public static let reap =
        PresenceCore.luaAllowingOOM + #"""
            local ms, incarnation, chunk, grace = now(), ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
            local beat = redis.call('ZSCORE', key('nodes'), incarnation)
            if beat then
                if ARGV[5] ~= '1' and ms - tonumber(beat) < tonumber(ARGV[4]) * 1.5 then return 0 end
                redis.call('ZREM', key('nodes'), incarnation)
                redis.call('ZADD', key('dead'), ms, incarnation)
            elseif not redis.call('ZSCORE', key('dead'), incarnation) then
                return 0
            end
            set_connections(incarnation, 0)
            redis.call('HDEL', key('nc'), incarnation)

            local users = key('n:' .. incarnation)
            local some = redis.call('HRANDFIELD', users, chunk, 'WITHVALUES')
            for place = 1, #some, 2 do
                redis.call('HDEL', users, some[place])
                add(some[place], -tonumber(some[place + 1]), ms, grace, nil)
            end
            if redis.call('EXISTS', users) == 1 then return 1 end

            local rooms = key('r:' .. incarnation)
            for _, room in ipairs(redis.call('SRANDMEMBER', rooms, chunk)) do
                redis.call('HDEL', room, incarnation)
                redis.call('SREM', rooms, room)
            end
            if redis.call('EXISTS', rooms) == 1 then return 1 end

            redis.call('DEL', key('i:' .. incarnation))
            redis.call('ZREM', key('dead'), incarnation)
            if redis.call('EXISTS', key('nodes'), key('dead')) == 0 then
                -- The last one: nobody is there to hear who has gone, or to forget it.
                redis.call('DEL', key('w'), key('nc'))
            end
            return 0
            """#
}
