import Glibc

/// A redis-server of a development node's own: on 127.0.0.1 only, nothing on disk, gone with the node.
struct PrivateRedis {
    /// Its process id.
    let processID: pid_t

    /// Why none could be started.
    struct Failure: Error {
        let message: String
    }

    /// Starts one on `port`. Call it from the main thread: the kernel ends the child when the *thread* that made it ends
    /// (PR_SET_PDEATHSIG, prctl(2)), and the main thread lives as long as the node, even when the node is killed.
    static func start(port: Int) throws(Failure) -> PrivateRedis {
        // In a session of its own, so that Ctrl-C in the terminal reaches the node first, and Redis after the drain.
        let arguments = [
            "setsid", "setpriv", "--pdeathsig", "TERM", "redis-server", "--port", "\(port)", "--bind", "127.0.0.1",
            "--save", "", "--appendonly", "no", "--dir", "/tmp", "--loglevel", "warning",
        ]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)

        var processID = pid_t()
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { strings.forEach { free($0) } }
        let status = posix_spawnp(&processID, "setsid", &actions, nil, &strings, environ)
        guard status == 0 else {
            throw Failure(message: "cannot start redis-server: \(String(cString: strerror(status)))")
        }
        return PrivateRedis(processID: processID)
    }

    /// Whether it has ended by itself, as it does when it cannot listen or is not installed.
    func hasEnded() -> Bool {
        var status: Int32 = 0
        return waitpid(processID, &status, WNOHANG) == processID
    }

    /// Asks it to end and waits until it has.
    func stop() {
        kill(processID, SIGTERM)
        var status: Int32 = 0
        while waitpid(processID, &status, 0) == -1, errno == EINTR {}
    }
}
