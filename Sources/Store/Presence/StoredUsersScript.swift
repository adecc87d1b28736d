package import RESP

/// Lists the users that Redis stores for a loop, a page at a time.
package struct StoredUsersScript: ScriptRequest {
    package static let script = RedisScript("presence-stored", file: "StoredUsersScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Some users.
    package struct Page: Sendable, Equatable {
        /// Where the next page begins; nil after the last one.
        package let next: String?
        /// The users. One may come twice.
        package let users: [String]
    }

    /// `cursor`: where the page begins; nil for the first one.
    package init(_ incarnation: String, from cursor: String?, keys: PresenceKeys) {
        self.keys = [keys.users(of: incarnation)]
        arguments = [[UInt8]](words: ["\(PresenceLimits.chunk)", cursor ?? "0"])
    }

    package func reply(_ value: RedisValue) -> Page? {
        guard let fields = value.array, let next = fields.first?.string else { return nil }
        return Page(next: next == "0" ? nil : next, users: fields.dropFirst().compactMap(\.string))
    }
}
