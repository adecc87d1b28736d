import Glibc
import Threads

/// A command that was started with its output going to us.
final class RunningCommand: Sendable {
    /// Why a command cannot be started: the code that a shell would exit with, and why.
    struct StartFailure: Error {
        let exitCode: Int32
        let message: String
    }

    /// Where its standard output and standard error can be read.
    let output: Int32
    let error: Int32
    private let identifier: pid_t
    /// Held while a signal is sent, and while the number is given back to the system.
    private let hasEnded = Locked(false)

    /// Starts `words`, found by PATH, with this process's standard input, environment and directory, and with the signal
    /// mask `mask`. Signals in `reset`, which we ignore and it does not know of, get their default back.
    init(_ words: [String], mask: sigset_t, reset: sigset_t) throws(StartFailure) {
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

        let (output, outputEnd) = Self.pipe()
        let (error, errorEnd) = Self.pipe()
        posix_spawn_file_actions_adddup2(&actions, outputEnd, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errorEnd, STDERR_FILENO)
        var strings: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { strings.forEach { free($0) } }
        var started = pid_t()
        let code = posix_spawnp(&started, words[0], &actions, &attributes, &strings, environ)
        close(outputEnd)
        close(errorEnd)
        guard code == 0 else {
            close(output)
            close(error)
            // POSIX's shell, 2.8.2: 127 not found, 126 found and not executable.
            throw StartFailure(
                exitCode: code == ENOENT ? 127 : 126, message: "\(words[0]): \(String(cString: strerror(code)))")
        }
        self.output = output
        self.error = error
        identifier = started
    }

    /// Its ends to read and to write. Both are closed in whatever is started, so that a command's pipe ends with it.
    static func pipe() -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        let code = Glibc.pipe(&ends)
        precondition(code == 0, "RunningCommand: pipe failed with \(errno)")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Sends it a signal; false where it has ended.
    func send(_ signal: Int32) -> Bool {
        hasEnded.withLock { hasEnded in
            if !hasEnded { kill(identifier, signal) }
            return !hasEnded
        }
    }

    /// Waits for its end.
    func wait() -> CommandEnd {
        // First without taking it off the list: until then its number is nobody else's.
        var info = siginfo_t()
        while waitid(P_PID, id_t(identifier), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return hasEnded.withLock { hasEnded in
            hasEnded = true
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            return CommandEnd(status: status)
        }
    }
}
