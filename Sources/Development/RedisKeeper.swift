import Glibc

/// A process that runs a private Redis for this machine's development nodes: it starts Redis, counts the nodes by their
/// connections, which the kernel closes however a node ends, and stops Redis after the last of them.
///
/// It is this program again, in a session of its own: the node that started it may end before other nodes do.
package struct RedisKeeper {
    /// The word that makes the command a keeper. People do not type it.
    package static let command = "keep-redis"

    /// How long Redis may take to stop, before it is killed.
    private static let stopMilliseconds: Int32 = 5_000
    /// More nodes than one machine runs; further ones are refused.
    private static let maxNodes = 1_000
    /// Files that the parent of the first node may have left open, and that this process would keep open.
    private static let maxInheritedFiles: Int32 = 1_024

    private let listener: Int32
    private var nodes: [Int32] = []
    private var redis: RedisProcess?
    private var keeping = RedisKeeping()

    private init(listener: Int32) { self.listener = listener }

    /// Runs Redis until the last node is gone. The first node is at the other end of standard input.
    package static func run() -> Never {
        var type = Int32()
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &length) == 0 else {
            let message = Array("fantail: \(command) is for development nodes, which start it themselves\n".utf8)
            _ = write(STDERR_FILENO, message, message.count)
            exit(2)
        }
        setsid()
        for file in 3..<maxInheritedFiles { close(file) }
        _ = chdir("/")
        let first = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        // Another keeper was first: the node sees the end of its connection, and joins that one.
        guard let listener = KeeperSocket.listen() else { exit(0) }
        close(STDIN_FILENO)
        _ = open("/dev/null", O_RDWR)
        var keeper = RedisKeeper(listener: listener)
        keeper.admit(first)
        while true { keeper.wait() }
    }

    /// Waits for an event, and handles it.
    private mutating func wait() {
        let redisEnd = redis?.end
        var waiting = ([listener] + nodes + (redisEnd.map { [$0] } ?? [])).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        guard poll(&waiting, nfds_t(waiting.count), -1) > 0 else { return }
        let ready = Set(waiting.filter { $0.revents != 0 }.map(\.fd))
        // Newcomers first: a node that comes as the last one leaves keeps Redis running.
        if ready.contains(listener) {
            let node = accept(listener, nil, nil)
            if node >= 0 { admit(node) }
        }
        if let redisEnd, ready.contains(redisEnd) { redisHasEnded() }
        for node in nodes where ready.contains(node) && hasLeft(node) {
            nodes.removeAll { $0 == node }
            act(on: .left, of: node)
        }
    }

    private mutating func admit(_ node: Int32) {
        guard nodes.count < Self.maxNodes else {
            close(node)
            return
        }
        _ = fcntl(node, F_SETFD, FD_CLOEXEC)
        nodes.append(node)
        act(on: .came, of: node)
    }

    /// Nodes send nothing: a readable connection has ended.
    private func hasLeft(_ node: Int32) -> Bool {
        var byte: UInt8 = 0
        let count = recv(node, &byte, 1, Int32(MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    private mutating func redisHasEnded() {
        redis?.reap()
        redis = nil
        act(on: .redisEnded, of: -1)
    }

    private mutating func act(on event: RedisKeeping.Event, of node: Int32) {
        for action in keeping.receive(event) {
            switch action {
            case .startRedis: redis = RedisProcess.start()
            case .admit: tell(node, .redis(Int(redis?.id ?? 0)))
            case .tellEnd: for node in nodes { tell(node, .ended) }
            case .stop: stop()
            }
        }
        // The connection closes last: a leaving node waits for that, and then Redis is gone if it was the last one.
        if event == .left { close(node) }
    }

    /// A node that does not read misses the message.
    private func tell(_ node: Int32, _ word: KeeperSocket.Word) {
        _ = word.line.utf8CString.withUnsafeBytes {
            send(node, $0.baseAddress, $0.count - 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
    }

    private func stop() -> Never {
        redis?.stop(withinMilliseconds: Self.stopMilliseconds)
        exit(0)
    }
}

/// The redis-server of a keeper: on 127.0.0.1 only, nothing on disk.
private struct RedisProcess {
    let id: pid_t
    /// A pipe whose other end is Redis' standard input: it ends when Redis does.
    let end: Int32

    /// Call it from the main thread: the kernel ends the child when the *thread* that made it ends (PR_SET_PDEATHSIG,
    /// prctl(2)), and so also when the keeper is killed. Nil where the system can start no process.
    static func start() -> RedisProcess? {
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { return nil }
        _ = fcntl(pipe[0], F_SETFD, FD_CLOEXEC)
        _ = fcntl(pipe[1], F_SETFD, FD_CLOEXEC)
        defer { close(pipe[1]) }
        let arguments = [
            "setpriv", "--pdeathsig", "TERM", "redis-server", "--port", "6379", "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "no", "--dir", "/tmp", "--loglevel", "warning",
        ]
        guard let id = ChildProcess.spawn("setpriv", arguments, standardInput: pipe[1]) else {
            close(pipe[0])
            return nil
        }
        return RedisProcess(id: id, end: pipe[0])
    }

    /// Asks Redis to end, and waits; kills it where that does not help.
    func stop(withinMilliseconds milliseconds: Int32) {
        kill(id, SIGTERM)
        var waiting = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
        if poll(&waiting, 1, milliseconds) <= 0 { kill(id, SIGKILL) }
        reap()
    }

    func reap() {
        var status: Int32 = 0
        while waitpid(id, &status, 0) == -1, errno == EINTR {}
        close(end)
    }
}
