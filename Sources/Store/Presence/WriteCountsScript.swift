package import RESP

/// Writes how many connections a loop has of some users.
package struct WriteCountsScript: ScriptRequest {
    package static let script = RedisScript("presence-write", file: "WriteCountsScript")
    package let keys: [String]
    package let arguments: [[UInt8]]
    private let count: Int

    /// Whether Redis wrote the counts: it does so only for a loop whose lease it has.
    package enum Reply: Sendable, Equatable {
        /// The loop is not registered, and nothing was written.
        case unregistered
        /// The counts were written.
        case written(Written)
    }

    /// The counts after a write.
    package struct Written: Sendable, Equatable {
        /// Users announced online and not yet offline.
        package let announced: Int
        /// The number of the last announcement.
        package let version: Int64
        /// Connections of each user in the whole cluster, in the order in which they were given.
        package let totals: [Int]
    }

    /// `connections`: all of the loop. `isRepeated`: the loop writes again what it wrote before.
    package init(
        _ users: [(user: String, connections: Int)], of incarnation: String, connections: Int, isRepeated: Bool,
        limits: PresenceLimits, everyone: String, keys: PresenceKeys
    ) {
        self.keys = keys.shared + [keys.users(of: incarnation)]
        count = users.count
        arguments = [[UInt8]](
            words: [
                incarnation, "\(connections)", "\(limits.graceMilliseconds)", everyone, "\(limits.broadcastUpTo)",
                isRepeated ? "1" : "0",
            ] + users.flatMap { [$0.user, "\($0.connections)"] })
    }

    package func reply(_ value: RedisValue) -> Reply? {
        guard let fields = value.integers else { return nil }
        if fields == [0] { return .unregistered }
        guard fields.count == count + 3, fields[0] == 1 else { return nil }
        return .written(
            Written(announced: Int(fields[1]), version: fields[2], totals: fields.dropFirst(3).map { Int($0) }))
    }
}
