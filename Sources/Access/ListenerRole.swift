/// What a port is for: which requests the connections that come in by it may make.
public enum ListenerRole: Sendable {
    /// The only port serves everything.
    case everything
    /// The public port of a node that has an internal one too.
    case clients
    /// The internal port serves metrics, health and the list of nodes, nothing else.
    case operators

    /// Whether the port serves a path, given in decoded segments.
    public func serves(_ path: [String]) -> Bool {
        switch self {
        case .everything: true
        case .clients: !Self.isForOperators(path)
        case .operators: Self.isForOperators(path)
        }
    }

    private static func isForOperators(_ path: [String]) -> Bool {
        path == ["metrics"] || path.first == "health" || path == ["api", "v1", "nodes"]
    }
}
