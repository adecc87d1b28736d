package import RESP

/// Writes what users say to be.
package struct SetStatusesScript: ScriptRequest {
    package static let script = RedisScript("presence-set-statuses", file: "SetStatusesScript")
    package let keys: [String]
    package let arguments: [[UInt8]]
    private let count: Int

    /// What one user says.
    package struct Entry: Sendable {
        let user: String
        let status: String
        let milliseconds: Int64?

        /// A user says to be so; `milliseconds`: Redis' time at which it was said, nil where it is said now.
        package init(user: String, status: String, milliseconds: Int64?) {
            self.user = user
            self.status = status
            self.milliseconds = milliseconds
        }
    }

    /// Writes these.
    package init(_ entries: [Entry], keys: PresenceKeys) {
        self.keys = ["u", "s", "t"].map(keys.key)
        count = entries.count
        arguments = [[UInt8]](
            words: entries.flatMap { [$0.user, $0.status, $0.milliseconds.map(String.init) ?? ""] })
    }

    /// For each when it was said, Redis' time in ms; nil where the user is not counted yet, and nothing was written.
    package func reply(_ value: RedisValue) -> [Int64?]? {
        guard let times = value.integers, times.count == count else { return nil }
        return times.map { $0 > 0 ? $0 : nil }
    }
}
