public import Events
public import Token

/// Who may watch a task or topic (`--watch`).
public enum WatchRule: String, Sendable, CaseIterable {
    /// Every authenticated client: the default.
    case open
    /// Clients whose token names the task in its claim `tasks`, or the topic in `topics`.
    case claims
    /// The task's owner, and clients whose token names it.
    case owner

    /// Whether the holder of `claims` may watch `channel`; `owner` is its owner, where it has one.
    public func admits(_ claims: Claims, to channel: ChannelName, owner: String?) -> Bool {
        if self == .open { return true }
        switch channel.kind {
        case .task:
            return claims.scopes.contains("tasks:*") || Self.names(claims.tasks, channel.id)
                || (self == .owner && owner == claims.user)
        case .topic:
            return Self.names(claims.topics, String(channel.id.prefix { $0 != "?" }))
        case .user, .team, .everyone:
            return false  // nobody follows them by name
        }
    }

    /// Whether a list of ids and of prefixes ending in `*` covers `id`.
    private static func names(_ list: [String], _ id: String) -> Bool {
        list.contains { $0.last == "*" ? id.hasPrefix($0.dropLast()) : $0 == id }
    }

    /// Whether the channel's owner matters, so that the node must know it before it answers.
    public var needsOwner: Bool { self == .owner }
}
