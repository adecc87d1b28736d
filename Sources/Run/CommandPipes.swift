import Glibc

/// The pipes between a command and the relays of its output.
struct CommandPipes: Sendable {
    /// The read ends of the command's standard output and standard error.
    let output: Int32
    let error: Int32
    /// The command's ends; closed here once the command has them.
    let outputEnd: Int32
    let errorEnd: Int32
    /// Hangs up when ``whileItRuns`` is closed.
    let commandEnd: Int32
    /// Closed when the command has ended.
    let whileItRuns: Int32

    /// Child processes inherit none of them, so that a command's pipe ends with it.
    init() throws(CommandStartFailure) {
        (output, outputEnd) = try Self.pipe()
        (error, errorEnd) = try Self.pipe()
        (commandEnd, whileItRuns) = try Self.pipe()
    }

    /// The ends to read and to write.
    private static func pipe() throws(CommandStartFailure) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw .noRoom("no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
