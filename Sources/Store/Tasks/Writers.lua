-- Whose numbers count here. `run` is the run id of this Redis, and in a cluster, behind a blank each, those of its other masters: a
-- slot that one of them has handed over is as it left it. Of what any other Redis wrote, the last may be missing here: it was this
-- one's master, or this one was restarted.

local function is_known_writer(writer, run)
    return writer and string.find(' ' .. run .. ' ', ' ' .. writer .. ' ', 1, true) ~= nil
end

local function own_run_id(run) return string.match(run, '^%S*') end
