import Glibc
import Progress
import Terminal

/// The publishing process: reads reports about a command, and publishes its progress.
enum ReportReceiver {
    /// What is made of a command's output.
    private struct Listener {
        var reader: OutputReader
        /// Nil where lines without progress are not told.
        var signs: SignOfLife?

        /// What to tell after some output, or after a pause: the output's reading, else perhaps the last line.
        mutating func told(_ reading: Reading?) -> Reading? {
            let now = Monotonic.milliseconds
            if reading != nil { signs?.sawNumber(at: now) }
            let sign = signs?.saw(reader.lastLine, at: now)
            return reading ?? sign
        }

        /// Milliseconds until a line that waits is told, for poll(2); -1 where none waits.
        var pause: Int32 { signs?.pause(at: Monotonic.milliseconds).map { Int32(clamping: $0) } ?? -1 }
    }

    /// Runs until the command has ended and the end is published, or cannot be.
    static func run(
        from socket: Int32, to reporter: ProgressReporter, _ reader: OutputReader, tellsLines: Bool,
        _ complain: (String) -> Void
    ) {
        var listener = Listener(reader: reader, signs: tellsLines ? SignOfLife() : nil)
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: RunReport.maxBytes, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            let ready = poll(&wanted, 1, listener.pause)
            if ready == 0 || ready < 0 && errno == EINTR {
                if let told = listener.told(nil) { reporter.report(told) }
                continue
            }
            let count = recv(socket, buffer.baseAddress, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            let report =
                count > 0 ? RunReport(packet: UnsafeRawBufferPointer(rebasing: buffer[..<count])) : nil
            guard let end = take(report, &listener, reporter) else { continue }
            if let trouble = reporter.finish(end) { complain("the end: \(trouble)") }
            return
        }
    }

    /// Handles a report; returns the last event, once the command has ended. No report means that the sender is gone.
    private static func take(
        _ report: RunReport?, _ listener: inout Listener, _ reporter: ProgressReporter
    ) -> [UInt8]? {
        switch report {
        case .output(let bytes, let source, let lacks):
            if lacks { listener.reader.miss(from: source) }
            let reading = bytes.withUnsafeBytes { listener.reader.read($0, from: source) }
            if let told = listener.told(reading) { reporter.report(told) }
            return nil
        case .ended(let status, let milliseconds):
            if let reading = listener.reader.finish() { reporter.report(reading) }
            return RunEvents.end(
                CommandEnd(status: status), milliseconds: milliseconds, lastError: listener.reader.lastError
            )
        case .notStarted(let exitCode, let reason):
            return RunEvents.end(.exited(exitCode), milliseconds: 0, lastError: reason)
        case nil:
            if let reading = listener.reader.finish() { reporter.report(reading) }
            return RunEvents.lost()
        }
    }
}
