public import Dialects

/// Publishing from a node: the events have been validated and classified here, so the script decodes nothing (RULES 8).
public enum PublishScript {
    /// The script's text, for `SCRIPT LOAD` and `EVAL`. It begins with a shebang, so that Redis refuses OOM and READONLY
    /// before the first write (RULES 12).
    public static let text = "#!lua\n" + PublishCore.lua + tail

    private static let tail = #"""


        local limits = {entries = tonumber(ARGV[2]), bytes = tonumber(ARGV[3]), ttl = ARGV[4]}
        local events = {}
        for first = 5, #ARGV, 6 do
            local json, kind, flags, stage, done, add = unpack(ARGV, first, first + 5)
            events[#events + 1] = {
                json = json,
                kind = kind,
                ends = string.find(flags, 'e', 1, true),
                restart = string.find(flags, 'r', 1, true),
                stage = stage ~= '' and stage,
                done = done ~= '' and done,
                add = add ~= '' and add,
            }
        end
        return publish(KEYS[1], KEYS[2], KEYS[3], ARGV[1], limits, events)
        """#

    /// The keys of a call: the channel and the task's two keys, all in one hash slot.
    public static func keys(channel: ChannelName, naming: Naming) -> [String] {
        [
            naming.channel(channel.text), naming.metaKey(of: channel), naming.historyKey(of: channel),
        ]
    }
}
