/// A walk through the tasks of all servers, a portion of a server's keys at a time.
struct TaskWalk: Equatable {
    /// What comes next.
    enum Step: Equatable {
        /// The portion of a server's keys at this cursor; nil is the first.
        case scan(server: Int, cursor: String?)
        /// All servers were looked through.
        case done
    }

    private var server = 0
    private var cursor: String?

    /// The next step among so many servers.
    func step(servers: Int) -> Step { server < servers ? .scan(server: server, cursor: cursor) : .done }

    /// A portion was read, and the server's next one is at `next`; nil after its last.
    mutating func didScan(next: String?) {
        cursor = next
        if next == nil { server += 1 }
    }
}
