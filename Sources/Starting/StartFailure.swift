/// Why a node does not start, with the exit code.
public struct StartFailure: Error, Sendable {
    /// 1: the environment prevents the start; 2: a setting is missing or wrong.
    public let exitCode: Int32
    /// One line for the operator.
    public let message: String

    /// A failure on this machine: exit 1.
    public static func running(_ message: String) -> StartFailure { StartFailure(exitCode: 1, message: message) }
    /// A setting to change: exit 2.
    public static func usage(_ message: String) -> StartFailure { StartFailure(exitCode: 2, message: message) }
}
