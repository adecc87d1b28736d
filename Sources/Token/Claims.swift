/// The claims of a verified token.
public struct Claims: Sendable, Equatable {
    /// The user's id: `sub`, else `userId`; an integer is written in digits.
    public var user: String
    /// The user's name: `username`, else `name`, else the id.
    public var username: String
    /// The user's teams.
    public var teams: [String]
    /// The rights, such as `publish`, `admin`, `tasks:*`; others are kept unchanged.
    public var scopes: Set<String>
    /// The tasks that may be watched: ids, or prefixes ending in `*`.
    public var tasks: [String]
    /// The topics that may be subscribed to: names, or prefixes ending in `*`.
    public var topics: [String]
    /// When the token expires, in milliseconds since the epoch; nil when it does not.
    public var expiresAt: Int64?

    /// When connections opened with the token must be closed, milliseconds since 1970; nil when it does not expire.
    /// From then on the token opens no connection either: otherwise clients could reconnect with it at once.
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
