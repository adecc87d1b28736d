import Glibc

/// The pipes, or pseudo terminals, between a command and the relays of its output.
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
        try self.init(making: Self.pipe)
    }

    /// The same with a terminal for each of the two streams.
    static func onTerminals() throws(CommandStartFailure) -> CommandPipes {
        try CommandPipes(making: CommandTerminal.open)
    }

    private init(making stream: () throws(CommandStartFailure) -> (Int32, Int32))
        throws(CommandStartFailure)
    {
        (output, outputEnd) = try stream()
        (error, errorEnd) = try stream()
        (commandEnd, whileItRuns) = try Self.pipe()
    }

    /// Gives the command's terminals the size of ours.
    func resize() {
        for stream in [output, error] { CommandTerminal.resize(stream) }
    }

    /// The ends to read and to write.
    private static func pipe() throws(CommandStartFailure) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw .noRoom("no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
