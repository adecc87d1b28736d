public import Events
public import Token

/// The client of a WebSocket.
public enum Identity: Sendable, Equatable {
    /// The holder of the fixed token, which has no user.
    case anonymous
    /// The user of the development token.
    case demo
    /// A user with a token.
    case user(Claims)

    /// The user's id; nil for the holder of the fixed token.
    public var user: String? {
        switch self {
        case .anonymous: nil
        case .demo: "demo"
        case .user(let claims): claims.user
        }
    }

    /// The user's name; empty for the holder of the fixed token.
    public var username: String {
        if case .user(let claims) = self { claims.username } else { user ?? "" }
    }

    /// The teams of the user.
    public var teams: [String] {
        if case .user(let claims) = self { claims.teams } else { [] }
    }

    /// When the token expires, milliseconds since 1970; nil for a token that does not.
    public var expiresAt: Int64? {
        if case .user(let claims) = self { claims.expiresAt } else { nil }
    }

    /// When the node must close the WebSocket, milliseconds since 1970; nil for a token that does not expire.
    public var mustCloseAt: Int64? {
        if case .user(let claims) = self { claims.mustCloseAt } else { nil }
    }

    /// Whether the holder may watch `channel`. The fixed token and the development token may watch all.
    public func mayWatch(_ channel: ChannelName, owner: String?, rule: WatchRule) -> Bool {
        guard case .user(let claims) = self else { return true }
        return rule.admits(claims, to: channel, owner: owner)
    }
}
