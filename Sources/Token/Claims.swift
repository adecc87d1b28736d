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

    /// When what was opened with the token must be closed, milliseconds since 1970; nil when it never ends. From that moment
    /// on the token opens nothing either: what was closed could else come back with it at once.
    public var mustCloseAt: Int64? {
        expiresAt.map { $0 + TokenLimits.leewaySeconds * 1000 }
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
