package import Events
package import RESP

/// Lets a task's secrets live as long as the task.
package struct KeepSecretsScript: ScriptRequest {
    package static let script = RedisScript("secrets", file: "KeepSecretsScript")
    package let keys: [String]
    package let arguments: [[UInt8]] = []

    /// How a task with secrets stands.
    package enum Reply: Sendable, Equatable {
        /// The task or its secrets are gone.
        case gone
        /// The next check is in so many milliseconds; `isAsked`: a node must ask its third party.
        case kept(nextLook: Int, isAsked: Bool)
    }

    /// Milliseconds until the first check of a new task's secrets: longer than its registration may take, and before
    /// half of the task's life is over.
    package static func firstLook(_ limits: HistoryLimits) -> Int { min(60_000, max(1_000, limits.timeToLive * 500)) }

    /// Checks the secrets of a task.
    package init(of channel: ChannelName, naming: Naming) {
        keys = [naming.metaKey(of: channel), naming.secretKey(of: channel)]
    }

    package func reply(_ value: RedisValue) -> Reply? {
        guard let fields = value.integers, fields.count == 2 else { return nil }
        return fields[0] == 0 ? .gone : .kept(nextLook: Int(fields[0]), isAsked: fields[1] == 1)
    }
}
