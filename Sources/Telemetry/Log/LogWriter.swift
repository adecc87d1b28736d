import Glibc
import Synchronization
import Threads

/// Writes log lines, at once where that does not block. The reader (a collector behind a pipe, a stopped terminal) may
/// be slow and must not hold up the loops: then lines wait, and a separate thread writes them.
final class LogWriter: Sendable {
    /// Bytes of waiting lines: some seconds of the debug level on a busy node.
    private static let maxBytes = 1 << 20
    /// The longest wait of ``flush()``.
    private static let flushMilliseconds = 1_000

    private struct State {
        var backlog: LogBacklog
        var hasThread = false
        var isWriting = false
        /// The waiter of ``LogWriter/flush()``.
        var waiter: ManagedSemaphore?
    }

    private let descriptor: Int32
    private let direct: UnblockedOutput
    private let state: Mutex<State>
    private let work = ManagedSemaphore()

    /// Writes to `descriptor`; `lineAboutDropped` makes the line that says how many lines are missing.
    init(descriptor: Int32, lineAboutDropped: @escaping @Sendable (Int) -> [UInt8]) {
        self.descriptor = descriptor
        direct = UnblockedOutput(descriptor)
        state = Mutex(State(backlog: LogBacklog(maxBytes: Self.maxBytes, lineAbout: lineAboutDropped)))
    }

    /// Lines dropped so far.
    var dropped: Int { state.withLock { $0.backlog.allDropped } }

    /// Writes a line, whole and in its turn.
    func write(_ line: [UInt8]) {
        let (isFirst, needsThread) = state.withLock { state in
            let isFree = state.backlog.isEmpty && !state.isWriting
            let written = isFree ? direct.write(line) : 0
            guard written < line.count else { return (false, false) }
            let wasEmpty = state.backlog.isEmpty
            if written > 0 { state.backlog.append(rest: line[written...]) } else { state.backlog.append(line) }
            defer { state.hasThread = true }
            return (wasEmpty, !state.hasThread)
        }
        if needsThread { startThread() }
        if isFirst { work.signal() }
    }

    /// Waits until all lines are written, or the time is over.
    func flush() {
        let waiter = state.withLock { state -> ManagedSemaphore? in
            guard state.isWriting || !state.backlog.isEmpty else { return nil }
            let waiter = ManagedSemaphore()
            state.waiter = waiter
            return waiter
        }
        _ = waiter?.wait(milliseconds: Self.flushMilliseconds)
    }

    /// The thread lives as long as the process, and keeps the writer.
    private func startThread() {
        let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            Unmanaged<LogWriter>.fromOpaque(context!).takeRetainedValue().run()
            return nil
        }
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, main, Unmanaged.passRetained(self).toOpaque())
        guard code == 0 else { fatalError("LogWriter: pthread_create failed with \(code)") }
        pthread_detach(thread)
    }

    private func run() {
        while true {
            work.wait()
            while let bytes = takeBacklog() { writeAll(bytes) }
        }
    }

    private func takeBacklog() -> [UInt8]? {
        state.withLock { state in
            state.isWriting = !state.backlog.isEmpty
            if state.isWriting { return state.backlog.take() }
            state.waiter?.signal()
            state.waiter = nil
            return nil
        }
    }

    /// Bytes that cannot be written (the reader is gone, the disk is full) are lost, as a log may be.
    private func writeAll(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // Another program that shares the descriptor has made it non-blocking.
                    var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&place, 1, -1)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
