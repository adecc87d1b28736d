/// What the scripts that change counts have in common. All time is Redis' own: no clock of a node is asked.
enum PresenceCore {
    /// The head of a script that writes.
    static let lua = "#!lua\n" + core
    /// The head of one that makes nothing larger: it runs also where Redis is out of memory, so that no lease ends by that.
    static let luaAllowingOOM = "#!lua flags=allow-oom\n" + core

    private static let core = #"""
        local base = KEYS[1]
        local function key(name) return base .. name end

        local function now()
            local time = redis.call('TIME')
            return time[1] * 1000 + math.floor(time[2] / 1000)
        end

        local function whole(number) return string.format('%d', number) end

        -- Users that have been announced online and not yet offline: connected, or gone for less than the grace.
        local function announced() return redis.call('HLEN', key('u')) + redis.call('ZCARD', key('w')) end

        local function version() return tonumber(redis.call('HGET', key('meta'), 'v')) or 0 end

        -- Somebody has come or gone and nobody is told: each loop hears at a heartbeat that its clients' counts are wrong.
        local function change_unannounced() redis.call('HINCRBY', key('meta'), 'quiet', 1) end

        -- Tells everyone, while there are few enough, and numbers it: who came in later has counted it already.
        local function announce(user, status, ms, everyone, limit)
            local number = redis.call('HINCRBY', key('meta'), 'v', 1)
            if redis.call('HLEN', key('u')) > limit then return change_unannounced() end
            local told = redis.pcall('PUBLISH', everyone, '{"type":"user_status","user_id":' .. cjson.encode(user)
                .. ',"status":"' .. status .. '","timestamp":' .. whole(ms) .. ',"version":' .. whole(number) .. '}')
            -- A node that may not publish there has counted all the same.
            if type(told) == 'table' then change_unannounced() end
        end

        -- The first connection of a user. One who was away for less than the grace never was, to the others.
        local function came(user, ms, told)
            redis.call('ZADD', key('x'), 0, user)
            redis.call('ZREM', key('off'), user)
            local was_waiting = redis.call('ZREM', key('w'), user) == 1
            if was_waiting then return end
            if told then announce(user, 'online', ms, told.everyone, told.limit) else change_unannounced() end
        end

        -- The last connection of a user is gone.
        local function went(user, ms, grace)
            redis.call('HDEL', key('u'), user)
            redis.call('ZREM', key('x'), user)
            redis.call('HDEL', key('s'), user)
            redis.call('HDEL', key('t'), user)
            redis.call('ZADD', key('off'), ms, user)
            redis.call('ZREMRANGEBYRANK', key('off'), 0, -\#(PresenceLimits.rememberedOffline + 1))
            redis.call('ZADD', key('w'), ms + grace, user)
        end

        -- Adds to a user's connections; answers how many there are now.
        local function add(user, delta, ms, grace, told)
            local total = redis.call('HINCRBY', key('u'), user, delta)
            if total <= 0 then
                -- Below nothing: the data was lost meanwhile, and nobody has seen the user come.
                if total == delta then redis.call('HDEL', key('u'), user) else went(user, ms, grace) end
                return 0
            end
            if total == delta then came(user, ms, told) end
            return total
        end

        local function set_connections(incarnation, count)
            local before = tonumber(redis.call('HGET', key('nc'), incarnation)) or 0
            if before == count then return end
            redis.call('HSET', key('nc'), incarnation, count)
            redis.call('HINCRBY', key('nc'), '*', count - before)
        end

        """#
}
