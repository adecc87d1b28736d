/// What a verified token says about its holder.
public struct Claims: Sendable, Equatable {
    /// The user's id: `sub`, else `userId`; an integer is written in digits.
    public var user: String
    /// The user's name: `username`, else `name`, else the id.
    public var username: String
    /// The teams the user belongs to.
    public var teams: [String]
    /// The rights, out of `publish`, `admin`, `tasks:*`; others are kept as they are.
    public var scopes: Set<String>
    /// The tasks that may be watched: ids, or prefixes ending in `*`.
    public var tasks: [String]
    /// The topics that may be subscribed to: names, or prefixes ending in `*`.
    public var topics: [String]
    /// When the token ends, in milliseconds since the epoch; nil when it never does.
    public var expiresAt: Int64?

    /// When what was opened with the token at `now` must be closed, milliseconds since 1970: at its end, or for one taken
    /// within the leeway at the leeway's end; nil when it never ends.
    public func mustCloseAt(openedAt now: Int64) -> Int64? {
        expiresAt.map { $0 > now ? $0 : $0 + TokenLimits.leewaySeconds * 1000 }
    }

    /// Claims of `user`.
    public init(
        user: String, username: String? = nil, teams: [String] = [], scopes: Set<String> = [], tasks: [String] = [],
        topics: [String] = [], expiresAt: Int64? = nil
    ) {
        self.user = user
        self.username = username ?? user
        self.teams = teams
        self.scopes = scopes
        self.tasks = tasks
        self.topics = topics
        self.expiresAt = expiresAt
    }
}
