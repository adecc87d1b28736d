import Events

/// The dialects, by name.
public enum DialectName: UInt8, CaseIterable, Sendable {
    case jobs, tasks, presence, topics

    /// The dialect itself.
    public var dialect: any Dialect.Type {
        switch self {
        case .jobs: JobsDialect.self
        case .tasks: TasksDialect.self
        case .presence: PresenceDialect.self
        case .topics: TopicsDialect.self
        }
    }

    /// The dialect of a connection to `path`: the first of `subprotocols` that names one, else what path and the names of
    /// the query's items say. Nil where no dialect is spoken.
    public static func choose(path: String, query: some Sequence<String>, subprotocols: some Sequence<String>)
        -> DialectName?
    {
        guard paths.contains(path) else { return nil }
        for offered in subprotocols {
            if let named = allCases.first(where: { $0.dialect.subprotocol == offered }) { return named }
        }
        if path == "/ws" { return query.contains("token") ? .jobs : .tasks }
        return query.contains(where: { $0 == "clientId" || $0 == "protocol" }) ? .topics : .presence
    }

    /// Where WebSockets are accepted.
    private static let paths: Set<String> = ["/ws", "/api/v1/ws"]
}
