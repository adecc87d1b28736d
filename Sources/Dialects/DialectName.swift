/// The dialects, by name.
public enum DialectName: UInt8, CaseIterable, Sendable {
    case jobs, tasks

    /// The dialect itself.
    public var dialect: any Dialect.Type {
        switch self {
        case .jobs: JobsDialect.self
        case .tasks: TasksDialect.self
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
        guard path == "/ws" else { return nil }
        return query.contains("token") ? .jobs : .tasks
    }

    /// Where WebSockets are accepted. By path alone `/api/v1/ws` is of dialects not spoken yet.
    private static let paths: Set<String> = ["/ws", "/api/v1/ws"]
}
