import Glibc

/// Why a command cannot be started: the exit code that a shell would use, and the reason.
struct CommandStartFailure: Error {
    let exitCode: Int32
    let message: String

    /// The system has too few resources. 126, since 127 means not found.
    static func noRoom(_ what: String) -> CommandStartFailure {
        CommandStartFailure(exitCode: 126, message: "\(what) for the command: \(String(cString: strerror(errno)))")
    }
}
