import Glibc

/// Why a command cannot be started: the code that a shell would exit with, and why.
struct CommandStartFailure: Error {
    let exitCode: Int32
    let message: String

    /// The system gives us too little to begin with. 126: not found is another matter.
    static func noRoom(_ what: String) -> CommandStartFailure {
        CommandStartFailure(exitCode: 126, message: "\(what) for the command: \(String(cString: strerror(errno)))")
    }
}
