import Glibc
import Progress
import Terminal

/// Copies both of a command's streams, each on a separate thread: one that waits for a slow reader does not hold up the
/// other.
struct Relays {
    private let threads: [BackgroundThread]
    private let streams: [ReportedStream]

    /// Starts the threads, before there is a command.
    init(_ pipes: CommandPipes, to reporter: ReporterProcess?) throws(CommandStartFailure) {
        let output = ReportedStream(.output, to: reporter)
        let error = ReportedStream(.error, to: reporter)
        let relays = [
            Relay(source: pipes.output, target: STDOUT_FILENO, commandEnd: pipes.commandEnd, show: output.show),
            Relay(source: pipes.error, target: STDERR_FILENO, commandEnd: pipes.commandEnd, show: error.show),
        ]
        streams = [output, error]
        var threads: [BackgroundThread] = []
        for relay in relays {
            guard let thread = BackgroundThread.start({ relay.run() }) else { throw .noRoom("no thread") }
            threads.append(thread)
        }
        self.threads = threads
    }

    /// Waits until all bytes were copied, and reports those not yet reported.
    func finish() {
        for thread in threads { thread.join() }
        let deadline = Monotonic.milliseconds + UInt64(RunLimits.reporterMilliseconds)
        for stream in streams { stream.finish(until: deadline) }
    }
}
