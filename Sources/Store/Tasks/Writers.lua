-- Whether this Redis has all numbers that the writer of a channel used. `run` is the run id of this Redis and, in a cluster,
-- those of the other masters, separated by spaces: a master that hands over a slot hands over everything in it. When any
-- other Redis wrote last, its newest numbers may be missing here: it was the master of this replica, or this Redis was
-- restarted.

local function is_known_writer(writer, run)
    return writer == run or writer and string.find(' ' .. run .. ' ', ' ' .. writer .. ' ', 1, true) ~= nil
end

local function own_run_id(run) return string.match(run, '^%S*') end

-- The command that publishes the events of tasks and topics. Behind the run ids stands `SPUBLISH` where a message goes to the
-- master of its channel's slot alone.
local function publish_command(run) return string.find(run, ' SPUBLISH', 1, true) and 'SPUBLISH' or 'PUBLISH' end

-- Publishes an event by that command.
local function publish_by(command, channel, message)
    if command == 'SPUBLISH' then return redis.call('SPUBLISH', channel, message) end
    return redis.call('PUBLISH', channel, message)
end
