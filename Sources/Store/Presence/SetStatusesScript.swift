package import RESP

/// Stores the statuses that users set.
package struct SetStatusesScript: ScriptRequest {
    package static let script = RedisScript("presence-set-statuses", file: "SetStatusesScript")
    package let keys: [String]
    package let arguments: [[UInt8]]
    private let count: Int

    /// One user's status.
    package struct Entry: Sendable {
        let user: String
        let status: String
        let milliseconds: Int64?

        /// A user's status; `milliseconds`: Redis' time at which it was set, nil where it is set now.
        package init(user: String, status: String, milliseconds: Int64?) {
            self.user = user
            self.status = status
            self.milliseconds = milliseconds
        }
    }

    /// Stores these.
    package init(_ entries: [Entry], keys: PresenceKeys) {
        self.keys = ["u", "s", "t"].map(keys.key)
        count = entries.count
        arguments = [[UInt8]](
            words: entries.flatMap { [$0.user, $0.status, $0.milliseconds.map(String.init) ?? ""] })
    }

    /// For each when it was set, Redis' time in ms; nil where the user does not count yet, and nothing was written.
    package func reply(_ value: RedisValue) -> [Int64?]? {
        guard let times = value.integers, times.count == count else { return nil }
        return times.map { $0 > 0 ? $0 : nil }
    }
}
