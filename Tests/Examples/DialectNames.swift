public import Dialects

/// The dialects by name, for tests that say what one of them does. The product asks for traits instead.
extension DialectName {
    /// `jobs`
    public static let jobs = called("jobs")
    /// `tasks`
    public static let tasks = called("tasks")
    /// `presence`
    public static let presence = called("presence")
    /// `topics`
    public static let topics = called("topics")

    private static func called(_ name: String) -> DialectName {
        guard let found = allCases.first(where: { $0.dialect.name == name }) else { fatalError("no dialect \(name)") }
        return found
    }
}
