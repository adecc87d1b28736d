import Glibc
import Progress

/// The publishing process: reads reports about a command, and publishes its progress.
enum ReportReceiver {
    /// Runs until the command has ended and the end is published, or cannot be.
    static func run(from socket: Int32, to reporter: ProgressReporter, _ complain: (String) -> Void) {
        var reader = OutputReader()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: RunReport.maxBytes, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = recv(socket, buffer.baseAddress, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            let report = count > 0 ? RunReport(packet: UnsafeRawBufferPointer(rebasing: buffer[..<count])) : nil
            guard let end = take(report, &reader, reporter) else { continue }
            if let trouble = reporter.finish(end) { complain("the end: \(trouble)") }
            return
        }
    }

    /// Handles a report; returns the last event, once the command has ended. No report means that the sender is gone.
    private static func take(
        _ report: RunReport?, _ reader: inout OutputReader, _ reporter: ProgressReporter
    ) -> [UInt8]? {
        switch report {
        case .output(let bytes, let source, let lacks):
            if lacks { reader.miss(from: source) }
            if let reading = bytes.withUnsafeBytes({ reader.read($0, from: source) }) { reporter.report(reading) }
            return nil
        case .ended(let status, let milliseconds):
            if let reading = reader.finish() { reporter.report(reading) }
            return RunEvents.end(
                CommandEnd(status: status), milliseconds: milliseconds, lastError: reader.lastError)
        case .notStarted(let exitCode, let reason):
            return RunEvents.end(.exited(exitCode), milliseconds: 0, lastError: reason)
        case nil:
            if let reading = reader.finish() { reporter.report(reading) }
            return RunEvents.lost()
        }
    }
}
