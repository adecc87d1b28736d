import Glibc

/// The socket where a keeper counts nodes: an abstract one (unix(7)), since those belong to a network namespace, as
/// ports do, and leave no file.
enum KeeperSocket {
    /// A keeper's message to a node.
    enum Word: Equatable {
        /// The node counts; the process id of Redis.
        case redis(Int)
        /// Redis has ended by itself.
        case ended
        /// The keeper is gone, or another one was first.
        case gone

        /// A keeper's line without its end.
        init(line: String) {
            let words = line.split(separator: " ")
            if words.first == "redis", words.count == 2, let id = Int(words[1]) {
                self = .redis(id)
            } else {
                self = line == "ended" ? .ended : .gone
            }
        }

        /// The line, with its end.
        var line: String {
            switch self {
            case .redis(let id): "redis \(id)\n"
            case .ended: "ended\n"
            case .gone: ""
            }
        }
    }

    /// Nodes that may wait to be counted.
    private static let backlog: Int32 = 64

    /// Listens; nil where a keeper does already.
    static func listen() -> Int32? { open { Glibc.bind($0, $1, $2) == 0 && Glibc.listen($0, backlog) == 0 } }

    /// Connects; nil where no keeper listens.
    static func connect() -> Int32? { open { Glibc.connect($0, $1, $2) == 0 } }

    /// Two connected sockets; the second is for a child.
    static func pair() -> (ours: Int32, childs: Int32)? {
        var sockets: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, streamType, 0, &sockets) == 0 else { return nil }
        return (sockets[0], sockets[1])
    }

    /// Stream sockets that child programs do not inherit.
    private static var streamType: Int32 {
        Int32(SOCK_STREAM.rawValue) | Int32(bitPattern: SOCK_CLOEXEC.rawValue)
    }

    private static func open(_ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Int32? {
        let socket = Glibc.socket(AF_UNIX, streamType, 0)
        guard socket >= 0 else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The first byte stays 0, which makes the name abstract; the address's length ends it.
        let name = Array("fantail/private-redis/6379".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0[1...].copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + 1 + name.count)
        let isDone = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { use(socket, $0, length) }
        }
        if isDone { return socket }
        close(socket)
        return nil
    }
}
