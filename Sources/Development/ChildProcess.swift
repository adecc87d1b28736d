import Glibc

/// A process of ours without a terminal.
enum ChildProcess {
    /// Starts `program` with `standardInput`, and with nowhere to write to: a pipe that our own output goes into must not stay
    /// open for its sake. Nil where it cannot be started.
    static func spawn(_ program: String, _ arguments: [String], standardInput: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var processID = pid_t()
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { strings.forEach { free($0) } }
        guard posix_spawnp(&processID, program, &actions, nil, &strings, environ) == 0 else { return nil }
        return processID
    }
}
