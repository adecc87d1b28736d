import Glibc

/// A node's share in the private Redis of this machine's development nodes: Redis runs as long as one node uses it.
package struct PrivateRedis {
    /// The process id of Redis; 0 where it could not be started.
    package let processID: Int
    /// Whether this node was the first, for which Redis was started.
    package let isNew: Bool
    /// The connection to the keeper. The kernel closes it, however the node ends.
    private let connection: KeeperConnection

    /// How long a keeper may take to count a node: it may be stopping its Redis.
    private static let joinMilliseconds: Int32 = 10_000
    /// How long leaving may take where Redis has to be stopped first.
    private static let leaveMilliseconds: Int32 = 10_000

    /// Joins the running Redis; nil where there is no keeper.
    package static func join() -> PrivateRedis? {
        KeeperSocket.connect().flatMap { counted(KeeperConnection(socket: $0), isNew: false) }
    }

    /// Starts a keeper and its Redis; nil where another node was faster, or no process can be started.
    package static func start() -> PrivateRedis? {
        guard let pair = KeeperSocket.pair() else { return nil }
        let connection = KeeperConnection(socket: pair.ours)
        // The path names the running program, even where its file has been replaced since.
        let keeper = ChildProcess.spawn(
            "/proc/self/exe", ["fantail", RedisKeeper.command], standardInput: pair.childs)
        // Otherwise this process would keep the connection open.
        close(pair.childs)
        return keeper == nil ? nil : counted(connection, isNew: true)
    }

    private static func counted(_ connection: KeeperConnection, isNew: Bool) -> PrivateRedis? {
        guard case .redis(let id)? = connection.next(withinMilliseconds: joinMilliseconds) else { return nil }
        return PrivateRedis(processID: id, isNew: isNew, connection: connection)
    }

    /// Whether Redis ended by itself, as it does when it cannot listen or is not installed.
    package func hasEnded() -> Bool { processID == 0 || connection.next(withinMilliseconds: 0) != nil }

    /// Leaves Redis; when this was the last node, Redis has ended on return.
    package func leave() { connection.end(withinMilliseconds: Self.leaveMilliseconds) }
}

/// A node's connection to a keeper.
private final class KeeperConnection {
    private let socket: Int32
    /// The longest message of a keeper is shorter.
    private static let maxWordBytes = 64

    init(socket: Int32) { self.socket = socket }

    deinit { close(socket) }

    /// The next message; nil where none arrived in time.
    package func next(withinMilliseconds milliseconds: Int32) -> KeeperSocket.Word? {
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            guard isReadable(withinMilliseconds: milliseconds) else { return nil }
            var byte: UInt8 = 0
            guard recv(socket, &byte, 1, 0) == 1, line.count < Self.maxWordBytes else { return .gone }
            line.append(byte)
        }
        return KeeperSocket.Word(line: String(decoding: line.dropLast(), as: UTF8.self))
    }

    /// Ends this side, and waits until the keeper closes the connection.
    package func end(withinMilliseconds milliseconds: Int32) {
        shutdown(socket, Int32(SHUT_WR))
        while let word = next(withinMilliseconds: milliseconds), word != .gone {}
    }

    private func isReadable(withinMilliseconds milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        var result = poll(&waiting, 1, milliseconds)
        while result < 0, errno == EINTR { result = poll(&waiting, 1, milliseconds) }
        return result > 0
    }
}
