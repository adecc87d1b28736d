-- The part that the scripts that change counts share. Time is Redis' time: no script uses a node's clock.
--
-- Each of these scripts begins with the same ten KEYS (PresenceKeys.shared); its own follow them.

local nodes, dead, meta, loops, users, order, statuses, said, waiting, offline = unpack(KEYS, 1, 10)

-- Offline users whose last-seen time is kept.
local remembered_offline = 100000

local function now()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function whole(number) return string.format('%d', number) end

-- Users that were announced online and not yet offline: connected, or gone for less than the grace.
local function announced() return redis.call('HLEN', users) + redis.call('ZCARD', waiting) end

local function version() return tonumber(redis.call('HGET', meta, 'v')) or 0 end

-- A user came or went without an announcement. At its next heartbeat each loop sees that its clients' counts are wrong.
local function change_unannounced() redis.call('HINCRBY', meta, 'quiet', 1) end

-- Announces a change to everyone, while few enough users are online, and numbers the announcement: a loop that comes later
--  has already counted it.
local function announce(user, status, ms, everyone, limit)
    local number = redis.call('HINCRBY', meta, 'v', 1)
    if redis.call('HLEN', users) > limit then return change_unannounced() end
    local told = redis.pcall('PUBLISH', everyone, '{"type":"user_status","user_id":' .. cjson.encode(user)
        .. ',"status":"' .. status .. '","timestamp":' .. whole(ms) .. ',"version":' .. whole(number) .. '}')
    -- The count holds even where the node may not publish there.
    if type(told) == 'table' then change_unannounced() end
end

-- A user's first connection opened. A user who was away for less than the grace never left, as far as others know.
local function came(user, ms, told)
    redis.call('ZADD', order, 0, user)
    redis.call('ZREM', offline, user)
    local was_waiting = redis.call('ZREM', waiting, user) == 1
    if was_waiting then return end
    if told then announce(user, 'online', ms, told.everyone, told.limit) else change_unannounced() end
end

-- A user's last connection closed.
local function went(user, ms, grace)
    redis.call('HDEL', users, user)
    redis.call('ZREM', order, user)
    redis.call('HDEL', statuses, user)
    redis.call('HDEL', said, user)
    redis.call('ZADD', offline, ms, user)
    redis.call('ZREMRANGEBYRANK', offline, 0, -remembered_offline - 1)
    redis.call('ZADD', waiting, ms + grace, user)
end

-- Adds to a user's connections; returns the new number.
local function add(user, delta, ms, grace, told)
    local total = redis.call('HINCRBY', users, user, delta)
    if total <= 0 then
        -- Below zero: the data was lost meanwhile, and no announcement said that the user came.
        if total == delta then redis.call('HDEL', users, user) else went(user, ms, grace) end
        return 0
    end
    if total == delta then came(user, ms, told) end
    return total
end

local function set_connections(incarnation, count)
    local before = tonumber(redis.call('HGET', loops, incarnation)) or 0
    if before == count then return end
    redis.call('HSET', loops, incarnation, count)
    redis.call('HINCRBY', loops, '*', count - before)
end
