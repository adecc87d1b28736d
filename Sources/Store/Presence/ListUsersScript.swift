package import RESP

/// Reads a page of the users online.
package struct ListUsersScript: ScriptRequest {
    package static let script = RedisScript("presence-list", file: "ListUsersScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Some users, in the order of the bytes of their ids.
    package struct Page: Sendable, Equatable {
        /// Redis' time.
        package let milliseconds: Int64
        /// Users online, on all pages.
        package let online: Int64
        /// The users of the page.
        package let users: [OnlineUser]

        /// The page of all buckets: `pages` are theirs, each of at least `count` users where it has them.
        package init(of pages: [Page], count: Int) {
            milliseconds = pages.map(\.milliseconds).max() ?? 0
            online = pages.map(\.online).onlineSum
            let all = pages.flatMap(\.users)
            users = Array(all.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }.prefix(count))
        }

        init(milliseconds: Int64, online: Int64, users: [OnlineUser]) {
            (self.milliseconds, self.online, self.users) = (milliseconds, online, users)
        }
    }

    /// One user.
    package struct OnlineUser: Sendable, Equatable {
        /// The id of the user, as in the token.
        package let id: String
        /// Its connections on all nodes.
        package let connections: Int64
        /// The status it set; nil where it is just online.
        package let status: String?
    }

    /// At most `count` users after `user`; nil for the first page.
    package init(after user: String?, count: Int, keys: PresenceKeys) {
        self.keys = ["u", "x", "s"].map(keys.key)
        arguments = [[UInt8]](words: [user ?? "", "\(count)"])
    }

    package func reply(_ value: RedisValue) -> Page? {
        guard let fields = value.array, fields.count >= 2, let now = fields[0].integer, let online = fields[1].integer
        else { return nil }
        let users = stride(from: 2, to: fields.count - 2, by: 3).compactMap { place -> OnlineUser? in
            guard let id = fields[place].string, let connections = fields[place + 1].integer else { return nil }
            return OnlineUser(id: id, connections: connections, status: fields[place + 2].string)
        }
        return Page(milliseconds: now, online: online, users: users)
    }
}
