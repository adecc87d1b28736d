package import Events
package import RESP

/// Lets what is kept of a task beside its events live as long as the task.
package struct KeepSecretsScript: ScriptRequest {
    package static let script = RedisScript("secrets", file: "KeepSecretsScript")
    package let keys: [String]
    package let arguments: [[UInt8]] = []

    /// How a task stands that was registered with secrets.
    package enum Reply: Sendable, Equatable {
        /// Nothing is left to look after.
        case gone
        /// It is to be looked at again so many milliseconds later; `isAsked`: its third party is to be asked.
        case kept(nextLook: Int, isAsked: Bool)
    }

    /// Milliseconds after which the secrets of a new task are looked at first: longer than its registration may take, and before
    /// half of the task's life is over.
    package static func firstLook(_ limits: HistoryLimits) -> Int { min(60_000, max(1_000, limits.timeToLive * 500)) }

    /// Looks after the secrets of a task.
    package init(of channel: ChannelName, naming: Naming) {
        keys = [naming.metaKey(of: channel), naming.secretKey(of: channel)]
    }

    package func reply(_ value: RedisValue) -> Reply? {
        guard let fields = value.integers, fields.count == 2 else { return nil }
        return fields[0] == 0 ? .gone : .kept(nextLook: Int(fields[0]), isAsked: fields[1] == 1)
    }
}
