-- Publishes events that a node has parsed. ARGV from `start` on has the channel, the run id of the Redis that the script
-- writes to, the limits of the history (entries, bytes, seconds), the prefix of channels, and then 14 words for each event,
-- beginning with its JSON (PublishArguments.swift writes them). KEYS begin with the channel's hash and its history.

local arguments_of_event = 14

local function publish_arguments(start)
    local channel, run, entries, bytes, ttl, prefix = unpack(ARGV, start, start + 5)
    local limits = {entries = tonumber(entries), bytes = tonumber(bytes), ttl = tonumber(ttl)}
    local events = {}
    for first = start + 6, #ARGV, arguments_of_event do
        local json, kind, flags, stage, done, add, owner, team, progress, status, total, remaining, message, has_message =
            unpack(ARGV, first, first + arguments_of_event - 1)
        events[#events + 1] = {
            json = json,
            kind = kind,
            ends = string.find(flags, 'e', 1, true),
            restart = string.find(flags, 'r', 1, true),
            stage = stage ~= '' and stage,
            done = done ~= '' and done,
            add = add ~= '' and add,
            owner = owner ~= '' and owner,
            team = team ~= '' and team,
            progress = progress ~= '' and progress,
            status = status ~= '' and status,
            total = total ~= '' and total,
            remaining = remaining ~= '' and remaining,
            message = has_message ~= '' and message,
        }
    end
    return publish(channel, prefix, KEYS[1], KEYS[2], run, limits, events)
end
