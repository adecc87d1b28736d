/// Which port a connection came in by, and what it is for.
enum Door: Sendable {
    /// There is one port for everything.
    case all
    /// The public port of a node that has an internal one too.
    case clients
    /// The internal port: metrics, health and the list of nodes, nothing else.
    case operators

    /// Whether the port serves a path, given in decoded segments.
    func serves(_ path: [String]) -> Bool {
        switch self {
        case .all: true
        case .clients: !Self.isForOperators(path)
        case .operators: Self.isForOperators(path)
        }
    }

    private static func isForOperators(_ path: [String]) -> Bool {
        path == ["metrics"] || path.first == "health" || path == ["api", "v1", "nodes"]
    }
}
