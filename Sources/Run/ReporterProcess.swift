import Glibc
import Progress
import Threads
import Terminal

/// The process that publishes how a command stands, as the one that runs the command sees it.
///
/// Whatever becomes of it (a trap, an out-of-memory kill, a Redis that does not answer), the command does not notice: what
/// stands between the command and its readers only copies bytes, offers them here, and does not wait before the end.
struct ReporterProcess: Sendable {
    /// What has become of a report.
    enum Told: Equatable {
        case told
        /// There is no room now.
        case full
        /// There is nobody to tell it to any more.
        case gone
    }

    private let socket: Int32
    private let identifier: pid_t

    /// Makes two of this process. In the new one `body` is called with its end of the socket, and then the process ends. Nil
    /// where the system allows no more.
    ///
    /// Only while there is one thread: others would be missing in the new process, with what they held locked.
    init?(_ body: (Int32) -> Void) {
        var ends: [Int32] = [-1, -1]
        // Packets, so that a report is whole or not there.
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

    /// What others wait to be closed, such as the pipe that our output goes to, is not held open here. Standard error stays.
    private static func letGoOfAllBut(_ socket: Int32) {
        for descriptor in openDescriptors() where descriptor > STDERR_FILENO && descriptor != socket {
            close(descriptor)
        }
        let null = open("/dev/null", O_RDWR)
        for descriptor in [STDIN_FILENO, STDOUT_FILENO] { dup2(null, descriptor) }
        close(null)
        // What ps(1) shows.
        let name = open("/proc/self/comm", O_WRONLY)
        _ = write(name, "fantail-report", 14)
        close(name)
    }

    /// What the system says is open; nothing where it does not say.
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

    /// Tells it something; waits for room until `deadline`, where there is one.
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

    /// Waits until it has ended, and ends it at `deadline`. Nil where it had done what it is for.
    func finish(until deadline: UInt64) -> String? {
        // Nothing is ever sent to us: readable means that the other end is closed.
        if !Self.wait(for: POLLIN, on: socket, until: deadline) { kill(identifier, SIGKILL) }
        close(socket)
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let end = CommandEnd(status: status)
        return end == .exited(0) ? nil : "the process that publishes has ended: \(end.words)"
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

/// One of the command's streams, as the reporter is told of it: all of it, or where it is slower its end.
struct ReportedStream: Sendable {
    let source: OutputReader.Source
    let reporter: ReporterProcess?
    private let newest = Locked(NewestOutput())

    init(_ source: OutputReader.Source, to reporter: ReporterProcess?) {
        self.source = source
        self.reporter = reporter
    }

    /// These bytes have passed.
    func show(_ bytes: UnsafeRawBufferPointer) {
        // Sendable: used within the call only.
        nonisolated(unsafe) let bytes = bytes
        newest.withLock {
            $0.add(bytes)
            tell(&$0, until: nil)
        }
    }

    /// The stream has ended: what still waits is told.
    func finish(until deadline: UInt64) {
        newest.withLock { if !$0.isEmpty { tell(&$0, until: deadline) } }
    }

    private func tell(_ newest: inout NewestOutput, until deadline: UInt64?) {
        let (bytes, lacks) = newest.waiting
        let told = reporter?.tell(.output(bytes, from: source, lacks: lacks), until: deadline) ?? .gone
        if told != .full { newest.take() }
    }
}
