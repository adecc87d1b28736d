internal import Glibc

/// A redis-server of the test's own: on a unix socket in a temporary directory, nothing on disk, ended by its process id.
package final class RedisServerProcess: @unchecked Sendable {
    // Sendable: a test uses one from one place at a time.
    package let directory: String
    private let arguments: [String]
    private var processID: pid_t = 0

    package var path: String { directory + "/redis.sock" }

    package struct Failure: Error { let message: String }

    /// Starts one and waits until it says that it accepts connections.
    package init(_ arguments: String...) throws {
        var template = Array("/tmp/fantail-redis-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(message: "mkdtemp") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.arguments = arguments
        try start()
    }

    deinit {
        stop()
        for name in ["redis.sock", "dump.rdb", "nodes.conf"] { unlink(directory + "/" + name) }
        rmdir(directory)
    }

    package func start() throws {
        precondition(processID == 0, "RedisServerProcess: runs already")
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure(message: "pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let words = ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", directory] + arguments
        try spawn(words, output: ends[1])
        close(ends[1])
        var said: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while !String(decoding: said, as: UTF8.self).contains("The server is now ready to accept connections at") {
            let count = read(ends[0], &buffer, buffer.count)
            guard count > 0 else { throw Failure(message: String(decoding: said, as: UTF8.self)) }
            said += buffer[..<count]
        }
    }

    /// Ends it as `kill -9` does, and waits until it is gone.
    package func stop() {
        guard processID != 0 else { return }
        kill(processID, SIGKILL)
        kill(processID, SIGCONT)
        var status: Int32 = 0
        while waitpid(processID, &status, 0) == -1, errno == EINTR {}
        processID = 0
    }

    /// Keeps its connections and says nothing.
    package func freeze() { kill(processID, SIGSTOP) }
    package func thaw() { kill(processID, SIGCONT) }

    private func spawn(_ words: [String], output: Int32) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        var strings: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { strings.forEach { free($0) } }
        let status = posix_spawnp(&processID, words[0], &actions, nil, &strings, environ)
        guard status == 0 else { throw Failure(message: String(cString: strerror(status))) }
    }
}
