package import RESP

/// Takes channels that are due, and postpones them, so that another node takes them over if this one dies.
package struct TakeDueScript: ScriptRequest {
    package static let script = RedisScript("due-take", file: "TakeDueScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// A channel that was due.
    package struct Taken: Sendable, Equatable {
        /// The channel's name in Redis.
        package let channel: String
        /// When it is due again, unless the node changes that.
        package let due: Int64
    }

    /// Takes at most `most`, and postpones them for so long.
    package init(_ set: DueSet, most: Int, milliseconds: Int) {
        keys = [set.key]
        arguments = [[UInt8]](words: ["\(most)", "\(milliseconds)"])
    }

    package func reply(_ value: RedisValue) -> [Taken]? {
        guard let fields = value.array else { return nil }
        return stride(from: 0, to: fields.count - 1, by: 2).compactMap { place in
            guard let channel = fields[place].string, let due = fields[place + 1].integer else { return nil }
            return Taken(channel: channel, due: due)
        }
    }
}
