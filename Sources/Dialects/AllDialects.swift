extension DialectName {
    /// Every dialect that a node speaks. This is the only list of them: a new dialect is added here.
    static let dialects: [any Dialect.Type] = [
        JobsDialect.self, TasksDialect.self, PresenceDialect.self, TopicsDialect.self,
    ]

    /// The dialect that Socket.IO's clients speak.
    public static let ofSocketIO = allCases[dialects.firstIndex { $0 == TasksDialect.self }!]
}
