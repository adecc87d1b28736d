import Glibc
import Threads

/// A command whose output goes into pipes of this process.
final class RunningCommand: Sendable {
    private let identifier: pid_t
    /// Held while a signal is sent, and while the process id is given back to the system.
    private let hasEnded = Locked(false)

    /// Starts `words`, found by PATH, with its output in `pipes`, this process' standard input, environment and
    /// directory, and the signal mask `mask`. Signals in `reset`, which this process ignores, get their default back.
    init(_ words: [String], into pipes: CommandPipes, mask: sigset_t, reset: sigset_t) throws(CommandStartFailure) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (mask, reset) = (mask, reset)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setsigdefault(&attributes, &reset)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        posix_spawn_file_actions_adddup2(&actions, pipes.outputEnd, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, pipes.errorEnd, STDERR_FILENO)
        var strings: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { strings.forEach { free($0) } }
        var started = pid_t()
        let code = posix_spawnp(&started, words[0], &actions, &attributes, &strings, environ)
        close(pipes.outputEnd)
        close(pipes.errorEnd)
        guard code == 0 else {
            // POSIX's shell, 2.8.2: 127 not found, 126 found and not executable.
            throw CommandStartFailure(
                exitCode: code == ENOENT ? 127 : 126, message: "\(words[0]): \(String(cString: strerror(code)))")
        }
        identifier = started
    }

    /// Sends it a signal; false where it has ended.
    func send(_ signal: Int32) -> Bool {
        hasEnded.withLock { hasEnded in
            if !hasEnded { kill(identifier, signal) }
            return !hasEnded
        }
    }

    /// Waits for the command's end.
    func wait() -> CommandEnd {
        // First without reaping it: until then no other process gets its id.
        var info = siginfo_t()
        while waitid(P_PID, id_t(identifier), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return hasEnded.withLock { hasEnded in
            hasEnded = true
            // Not success, should the system not tell it.
            var status: Int32 = 0xFF00
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            return CommandEnd(status: status)
        }
    }
}
