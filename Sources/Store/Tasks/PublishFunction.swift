package import Events
package import RESP

/// Publishing by any worker with any Redis client: `FCALL fantail_publish 1 task:video_1 '{"progress":45}'`.
///
/// Several events in one call are one ordered batch, all or nothing. Here the script itself checks (`EventJSON.lua`)
/// and classifies them: the rules are those of `Event`, repeated in Lua.
package struct PublishFunction: Sendable {
    /// Grows with every change of the text: a node loads its library only over an older one.
    package static let version = 15

    /// The library's version: that of its text, its limits, and how it publishes in a cluster.
    static func version(of limits: HistoryLimits, _ pubSub: ClusterPubSub) -> String {
        "\(version) \(limits.entries) \(limits.bytes) \(limits.timeToLive) \(pubSub.command)"
    }

    /// What a node must do with Redis' library.
    package enum Need: Sendable {
        case nothing, loading, replacing
    }

    /// What to do with a library that answers `found`, nil where there is none. A newer one stays, whatever its limits:
    /// nodes of two versions must not replace each other's. A connecting node replaces one with other limits or another
    /// way of publishing; later the node leaves it, or two nodes of different settings would replace each other's for ever.
    package func need(where found: String?, isConnecting: Bool) -> Need {
        guard let found else { return .loading }
        guard found != expected else { return .nothing }
        guard let number = found.split(separator: " ").first.flatMap({ Int($0) }) else { return .replacing }
        return number < Self.version || number == Self.version && isConnecting ? .replacing : .nothing
    }

    /// The library's name, by which a node asks Redis for the version it holds.
    package let library: String
    /// The library's source, for `FUNCTION LOAD REPLACE`.
    package let source: String
    private let expected: String

    /// The library for these prefixes and limits. `pubSub`: how it publishes where its Redis is one of a cluster.
    package init(naming: Naming, limits: HistoryLimits, pubSub: ClusterPubSub = .classic) {
        library = naming.library
        expected = Self.version(of: limits, pubSub)
        let settings = [
            "#!lua name=": naming.library,
            "local version = ": "'\(expected)'",
            "local key_prefix, channel_prefix = ": "'\(naming.keyPrefix)', '\(naming.channelPrefix)'",
            "local limits = ":
                "{entries = \(limits.entries), bytes = \(limits.bytes), ttl = \(limits.timeToLive)}",
            "local cluster_command = ": "'\(pubSub.command)'",
            "local function_name = ": "'\(naming.publishFunction)'",
        ]
        source = settings.reduce(ScriptFile.script("PublishFunction")) { Self.set($1.key, to: $1.value, in: $0) }
    }

    /// The text with the rest of the line after `start` replaced.
    private static func set(_ start: String, to value: String, in text: String) -> String {
        guard let place = text.firstRange(of: start) else { preconditionFailure("PublishFunction.lua has no \(start)") }
        let end = text[place.upperBound...].firstIndex(of: "\n") ?? text.endIndex
        return text[..<place.upperBound] + value + text[end...]
    }
}

/// A call of the Function: by workers, and by the command where its login may load no scripts.
package struct PublishCall: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the Function" }

    /// Publishes `events` to a task.
    package init(_ events: [[UInt8]], to task: Identifier, naming: Naming) {
        let channel = ChannelName.task(task)
        let head: [RedisArgument] = [
            "FCALL", .string(naming.publishFunction), "2", .key(naming.metaKey(of: channel)),
            .key(naming.historyKey(of: channel)),
        ]
        command = RedisCommand(head + events.map(RedisArgument.bytes))
    }

    package func reply(_ value: RedisValue) -> PublishReceipt? { PublishReceipt(value) }
}
