public import JSON

/// Video tasks: a client subscribes to a task (interfaces/tasks.md).
public enum TasksDialect: Dialect {
    /// `tasks`
    public static let name = DialectName.tasks
    /// `fantail.tasks`
    public static let subprotocol = "fantail.tasks"

    /// The command that `message` is.
    public static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand {
        fatalError("unfinished")
    }

    /// The messages for `message`.
    public static func encode(_ message: ServerMessage, now: Int64) -> [[UInt8]] {
        fatalError("unfinished")
    }
}
