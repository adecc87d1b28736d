/// Why a node does not start, and the exit code that says so.
public struct StartFailure: Error, Sendable {
    /// 1: something is in the way; 2: a setting is missing or does not fit.
    public let exitCode: Int32
    /// One line for whoever started it.
    public let message: String

    /// A failure on this machine: exit 1.
    public static func running(_ message: String) -> StartFailure { StartFailure(exitCode: 1, message: message) }
    /// A setting to change: exit 2.
    public static func usage(_ message: String) -> StartFailure { StartFailure(exitCode: 2, message: message) }
}
