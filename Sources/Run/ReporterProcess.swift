import Glibc
import Progress
import Threads
import Terminal

/// The process that publishes a command's progress, as the process that runs the command sees it.
///
/// The command does not notice what happens to it (a trap, an out-of-memory kill, a Redis that does not answer): the
/// process between the command and its readers only copies bytes, offers them here, and waits only at the end.
struct ReporterProcess: Sendable {
    /// The outcome of a report.
    enum Told: Equatable {
        case told
        /// The socket is full now.
        case full
        /// The process is gone.
        case gone
    }

    private let socket: Int32
    private let identifier: pid_t

    /// Forks this process. The child calls `body` with its end of the socket, and then ends. Nil where the system
    /// allows no more processes.
    ///
    /// Only while there is one thread: the child would lack the others, and their locks would stay locked.
    init?(_ body: (Int32) -> Void) {
        var ends: [Int32] = [-1, -1]
        // Packets, so that a report arrives whole or not at all.
        let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        identifier = fork()
        if identifier == 0 {
            Self.letGoOfAllBut(ends[1])
            body(ends[1])
            _exit(0)
        }
        socket = ends[0]
        close(ends[1])
        guard identifier > 0 else {
            close(ends[0])
            return nil
        }
    }

    /// Closes files whose end others wait for, such as the pipe of this process' output. Standard error stays open.
    private static func letGoOfAllBut(_ socket: Int32) {
        for descriptor in openDescriptors() where descriptor > STDERR_FILENO && descriptor != socket {
            close(descriptor)
        }
        let null = open("/dev/null", O_RDWR)
        for descriptor in [STDIN_FILENO, STDOUT_FILENO] { dup2(null, descriptor) }
        close(null)
        // The name in ps(1).
        let name = open("/proc/self/comm", O_WRONLY)
        _ = write(name, "fantail-report", 14)
        close(name)
    }

    /// The open descriptors; empty where the system does not list them.
    private static func openDescriptors() -> [Int32] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        let own = dirfd(folder)
        var found: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let descriptor = Int32(name), descriptor != own { found.append(descriptor) }
        }
        return found
    }

    /// Sends a report; waits for room until `deadline`, where there is one.
    func tell(_ report: RunReport, until deadline: UInt64? = nil) -> Told {
        let packet = report.packet
        while true {
            if send(socket, packet, packet.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) >= 0 {
                return .told
            }
            switch errno {
            case EINTR: continue
            case EAGAIN, ENOBUFS:
                guard let deadline, Self.wait(for: POLLOUT, on: socket, until: deadline) else { return .full }
            default: return .gone
            }
        }
    }

    /// Waits until the process has ended, and kills it at `deadline`. Nil where it had done its work.
    func finish(until deadline: UInt64) -> String? {
        // The socket never carries data in this direction: readable means that the other end is closed.
        if !Self.wait(for: POLLIN, on: socket, until: deadline) { kill(identifier, SIGKILL) }
        close(socket)
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let end = CommandEnd(status: status)
        return end == .exited(0) ? nil : "the process that publishes ended: \(end.words)"
    }

    private static func wait(for event: Int32, on socket: Int32, until deadline: UInt64) -> Bool {
        while true {
            let now = Monotonic.milliseconds
            guard now < deadline else { return false }
            var wanted = pollfd(fd: socket, events: Int16(event), revents: 0)
            if poll(&wanted, 1, Int32(clamping: deadline - now)) > 0 { return true }
        }
    }
}

/// One of the command's streams for the reporter: all of it, or only its end where the reporter is slower.
struct ReportedStream: Sendable {
    let source: OutputReader.Source
    let reporter: ReporterProcess?
    private let newest = Locked(NewestOutput())

    init(_ source: OutputReader.Source, to reporter: ReporterProcess?) {
        self.source = source
        self.reporter = reporter
    }

    /// These bytes were copied.
    func show(_ bytes: UnsafeRawBufferPointer) {
        // Sendable: used within the call only.
        nonisolated(unsafe) let bytes = bytes
        newest.withLock {
            $0.add(bytes)
            tell(&$0, until: nil)
        }
    }

    /// The stream has ended: reports the rest.
    func finish(until deadline: UInt64) {
        newest.withLock { if !$0.isEmpty { tell(&$0, until: deadline) } }
    }

    private func tell(_ newest: inout NewestOutput, until deadline: UInt64?) {
        let (bytes, lacks) = newest.waiting
        let told = reporter?.tell(.output(bytes, from: source, lacks: lacks), until: deadline) ?? .gone
        if told != .full { newest.take() }
    }
}
