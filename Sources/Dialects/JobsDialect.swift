public import JSON

/// Workflow jobs: a client joins a job's room (interfaces/jobs.md).
public enum JobsDialect: Dialect {
    /// `jobs`
    public static let name = DialectName.jobs
    /// `fantail.jobs`
    public static let subprotocol = "fantail.jobs"

    /// The command that `message` is.
    public static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand {
        fatalError("unfinished")
    }

    /// The messages for `message`.
    public static func encode(_ message: ServerMessage, now: Int64) -> [[UInt8]] {
        fatalError("unfinished")
    }
}
