import Glibc

/// A child process without a terminal.
enum ChildProcess {
    /// Starts `program` with `standardInput` and no output: the child must not keep a pipe open that this process
    /// writes to. Nil where it cannot be started.
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
