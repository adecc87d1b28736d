import Node
import Progress
import Threads
import Terminal

/// Publishes a command's progress on a separate thread: the command never waits for it. Only the newest progress
/// counts; unpublished progress is dropped when there is something newer.
final class ProgressReporter: Sendable {
    private struct State {
        var reading: Reading?
        var end: [UInt8]?
        var trouble: String?
        var isThrough = false
        var thread: BackgroundThread?

        /// A reading that could not be published waits again, unless there is a newer one that says as much.
        mutating func keep(_ unpublished: Reading) {
            let saysMore = reading.map { $0.isSignOfLife && !unpublished.isSignOfLife } ?? true
            if saysMore { reading = unpublished }
        }
    }

    private let sink: any EventSink
    private let start: [UInt8]
    private let intervalMilliseconds: Int
    private let complain: @Sendable (String) -> Void
    private let state = Locked(State())
    /// Signalled when there is news.
    private let news = ManagedSemaphore()
    /// Signalled when the end is published, or will not be.
    private let through = ManagedSemaphore()

    /// A reporter that publishes `start` at once. `complain` is called, once, when nothing can be published.
    init(
        sink: any EventSink, start: [UInt8], intervalMilliseconds: Int, complain: @escaping @Sendable (String) -> Void
    ) {
        self.sink = sink
        self.start = start
        self.intervalMilliseconds = intervalMilliseconds
        self.complain = complain
        let thread = BackgroundThread { [self] in run() }
        state.withLock { $0.thread = thread }
    }

    /// Takes a reading of the command's output. From any thread.
    func report(_ reading: Reading) {
        let isNews = state.withLock { state in
            // A number that is not yet published says more than a line without one.
            if let waiting = state.reading, reading.isSignOfLife, !waiting.isSignOfLife { return false }
            let isNews = state.reading.map { $0.isSignOfLife && !reading.isSignOfLife } ?? true
            state.reading = reading
            return isNews
        }
        if isNews { news.signal() }
    }

    /// The command has ended. Waits, within the bound, until the end is published; returns why it is not, else nil.
    func finish(_ end: [UInt8]) -> String? {
        state.withLock { $0.end = end }
        news.signal()
        let wasInTime = through.wait(milliseconds: RunLimits.endMilliseconds)
        if wasInTime {
            sink.close()
            state.withLock { $0.thread.take() }?.join()
        }
        return state.withLock { state in
            state.isThrough && state.trouble == nil
                ? nil : state.trouble ?? "no answer within \(RunLimits.endMilliseconds / 1000) s"
        }
    }

    // MARK: The thread

    private func run() {
        var hasStarted = false
        var last: Reading?
        while true {
            let (reading, end) = state.withLock { state in
                defer { state.reading = nil }
                return (state.reading, state.end)
            }
            var batch = hasStarted ? [] : [start]
            // The last reading is published before the end, however little time lies between them.
            if let reading, reading != last { batch.append(RunEvents.progress(reading)) }
            if let end { batch.append(end) }
            var pause = intervalMilliseconds
            if !batch.isEmpty {
                switch sink.publish(batch) {
                case .published:
                    hasStarted = true
                    last = reading ?? last
                    if end != nil { return finish(nil) }
                    state.withLock { $0.trouble = nil }
                case .refused(let reason):
                    // A retry of an end that was published the first time finds the task ended.
                    if end != nil, hasStarted, reason.hasPrefix("FINISHED") { return finish(nil) }
                    complain(of: reason)
                    return finish(reason)
                case .away(let reason):
                    complain(of: reason)
                    pause = end == nil ? RunLimits.retryMilliseconds : RunLimits.retryMilliseconds / 4
                    // Tried again, with the next reading or alone.
                    if let reading { state.withLock { $0.keep(reading) } }
                }
            }
            // The end wakes the thread at once, unless it was just tried.
            rest(pause) { end != nil || $0.end == nil }
            if reading?.isSignOfLife == true {
                rest(RunLimits.signOfLifeMilliseconds - pause) { $0.end == nil && $0.reading?.isSignOfLife != false }
            }
            while hasStarted, end == nil, state.withLock({ $0.reading == nil && $0.end == nil }) { news.wait() }
        }
    }

    /// Sleeps between two attempts, as long as the state allows.
    private func rest(_ milliseconds: Int, while mayRest: (State) -> Bool) {
        let begin = Monotonic.milliseconds
        var left = milliseconds
        while left > 0, state.withLock({ mayRest($0) }), news.wait(milliseconds: left) {
            left = milliseconds - Int(Monotonic.milliseconds - begin)
        }
    }

    private func complain(of reason: String) {
        let isFirst = state.withLock { state in
            defer { state.trouble = reason }
            return state.trouble == nil
        }
        if isFirst { complain(reason) }
    }

    private func finish(_ trouble: String?) {
        state.withLock { state in
            state.trouble = trouble
            state.isThrough = true
        }
        through.signal()
    }
}
