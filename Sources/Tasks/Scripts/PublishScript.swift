public import Events
import Dialects
import JSON

/// Publishing from a node: the events have been validated and classified here, so the script decodes nothing.
public enum PublishScript {
    /// The script's text, for `SCRIPT LOAD` and `EVAL`. It begins with a shebang, so that Redis refuses OOM and READONLY
    /// before the first write.
    public static let text = "#!lua\n" + lua + once + textSteps

    /// How long a batch is remembered by the name that its publisher gave it.
    public static let idempotencySeconds = 60

    /// The function that publishes what `ARGV` holds from `start` on, as ``arguments(runID:limits:naming:batch:)`` writes
    /// it, to the channel and the two keys that `KEYS` begins with: for scripts that publish on a condition, too.
    static let lua = PublishCore.lua + reading

    /// What a call is given of each event, the JSON first.
    private static let argumentsOfEvent = 14

    private static let reading = #"""


        local function publish_arguments(start)
            local run, entries, bytes, ttl, prefix = unpack(ARGV, start, start + 4)
            local limits = {entries = tonumber(entries), bytes = tonumber(bytes), ttl = ttl}
            local events = {}
            for first = start + 5, #ARGV, \#(argumentsOfEvent) do
                local json, kind, flags, stage, done, add, owner, team, progress, status, total, remaining, message, has_message =
                    unpack(ARGV, first, first + \#(argumentsOfEvent - 1))
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
            return publish(KEYS[1], prefix, KEYS[2], KEYS[3], run, limits, events)
        end
        """#

    /// The function that does something once: what was done before under the same name gets the first answer again, or an
    /// error where it was something else. What is not done is not remembered.
    static let once = #"""


        local function once(key, texts, act)
            if not key then return act() end
            local digest = redis.sha1hex(table.concat(texts, '\n'))
            local earlier = redis.call('GET', key)
            if earlier then
                local answer = cjson.decode(earlier)
                if answer[1] ~= digest then return redis.error_reply('MISMATCH the key was used with another body') end
                return {answer[2], tonumber(answer[3]), answer[4]}
            end
            local refused = lack_of_right('SET', key, '', 'EX', '1')
            if refused then return refused end
            local answer = act()
            if answer.err then return answer end
            redis.call('SET', key,
                cjson.encode({digest, answer[1], string.format('%d', answer[2]), answer[3]}), 'EX', \#(idempotencySeconds))
            return answer
        end
        """#

    private static let textSteps = #"""


        local texts = {}
        for first = 6, #ARGV, \#(argumentsOfEvent) do texts[#texts + 1] = ARGV[first] end
        return once(KEYS[4], texts, function() return publish_arguments(1) end)
        """#

    /// The keys of a call: the channel and the task's keys, all in one hash slot; with a name for the batch also where that is
    /// remembered.
    public static func keys(channel: ChannelName, naming: Naming, idempotencyKey: String? = nil) -> [String] {
        let keys = [naming.channel(channel.text), naming.metaKey(of: channel), naming.historyKey(of: channel)]
        return keys + (idempotencyKey.map { [naming.idempotencyKey($0, of: channel)] } ?? [])
    }
}

extension PublishScript {
    /// One event of a batch: its JSON as it was published, and what it says.
    public typealias Entry = (json: [UInt8], event: Event)

    /// The arguments of a call. `runID` names the Redis that is written to.
    public static func arguments(runID: String, limits: HistoryLimits, naming: Naming, batch: [Entry]) -> [[UInt8]] {
        let head = [
            runID, "\(limits.entries)", "\(limits.bytes)", "\(limits.timeToLive)", naming.channelPrefix,
        ].map { Array($0.utf8) }
        return batch.reduce(into: head) { arguments, entry in arguments += describe(entry) }
    }

    private static func describe(_ entry: Entry) -> [[UInt8]] {
        let event = entry.event
        let flags = (event.isTerminal ? "e" : "") + (event.isRestart ? "r" : "")
        let owners = [
            event.owner?.text, event.team?.text, event.progress.map(TaskKnowledge.text(ofNumber:)),
            event.status.flatMap { TaskKnowledge.isKept(status: $0) ? $0 : nil },
            event.totalSteps.map(TaskKnowledge.text(ofNumber:)),
            event.timeRemaining.map(TaskKnowledge.text(ofNumber:)),
            event.message, event.message == nil ? nil : "m",
        ].map { Array(($0 ?? "").utf8) }
        if case .other = event.kind { return [entry.json, Array("o".utf8), Array(flags.utf8), [], [], []] + owners }
        let stages = event.completedStages.map { TaskKnowledge(completedStages: $0).completedStagesJSON }
        return [
            entry.json, [letter(of: event.kind)], Array(flags.utf8),
            Array((current(event) ?? "").utf8), stages ?? [], Array((done(event) ?? "").utf8),
        ] + owners
    }

    /// The stage being worked on after the event.
    private static func current(_ event: Event) -> String? {
        event.kind == .stage ? event.nextStage ?? event.currentStage : event.currentStage
    }

    /// The stage that the event says is done; `job_error` has a field of that name with another meaning.
    private static func done(_ event: Event) -> String? { event.kind == .stage ? event.stage : nil }

    private static func letter(of kind: Event.Kind) -> UInt8 {
        switch kind {
        case .progress: UInt8(ascii: "p")
        case .stage: UInt8(ascii: "s")
        case .completed: UInt8(ascii: "c")
        case .failed: UInt8(ascii: "f")
        case .other: UInt8(ascii: "o")
        }
    }
}
