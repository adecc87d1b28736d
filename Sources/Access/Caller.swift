public import Events
public import Token

/// The maker of a request, and its rights.
public enum Caller: Sendable, Equatable {
    /// The holder of the API key, which may do everything.
    case operatorKey
    /// The user of the development token, who may watch everything and has no scope.
    case demo
    /// The holder of a token.
    case user(Claims)

    /// The caller's user; nil for an operator.
    public var user: String? {
        switch self {
        case .operatorKey: nil
        case .demo: Identity.demo.user
        case .user(let claims): claims.user
        }
    }

    /// Whether the caller has the right `scope`.
    public func has(scope: String) -> Bool {
        switch self {
        case .operatorKey: true
        case .demo: false
        case .user(let claims): claims.scopes.contains(scope)
        }
    }

    /// Whether the caller may list everybody's tasks. The API key and the development token may.
    public var mayListAll: Bool {
        guard case .user(let claims) = self else { return true }
        return claims.scopes.contains("tasks:*") || claims.tasks.contains("*")
    }

    /// Whether the caller may watch `channel`. The API key and the development token may watch all.
    public func mayWatch(_ channel: ChannelName, owner: String?, rule: WatchRule) -> Bool {
        guard case .user(let claims) = self else { return true }
        return rule.admits(claims, to: channel, owner: owner)
    }
}
