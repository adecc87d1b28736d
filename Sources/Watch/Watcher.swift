import Base
import Events
import Glibc
import HTTP
import JSON
import HTTPClient
import Terminal

/// Follows tasks on nodes until all have ended: with an event stream each, which resumes on the next node.
struct Watcher {
    /// Bytes that a stream sends at once: a state holds an event of the greatest size, its fields once more, and the
    /// gap before it.
    static let maxEventBytes = 6 * EventLimits.maxEventBytes

    /// Bounds of watching.
    private enum Limits {
        /// Milliseconds without an event after a stream was opened, until the task counts as unknown. A node that knows
        /// the task sends its state at once.
        static let snapshotMilliseconds: UInt64 = 700
        /// Milliseconds between two drawings.
        static let drawMilliseconds: UInt64 = 100
        /// Milliseconds until the next try, which double with each failure.
        static let firstPause: UInt64 = 250
        static let longestPause: UInt64 = 5_000
    }

    /// A task's stream.
    private struct Follow {
        var task: WatchedTask
        var decoder = EventStreamDecoder(maxBytes: Watcher.maxEventBytes)
        /// The id of the last event, to resume after it.
        var lastID = ""
        /// The index of the node that is asked.
        var node = 0
        var failures = 0
        var nextTry: UInt64?
        /// When a stream without any event says that the task is unknown.
        var unknownAt: UInt64?
    }

    private let access: NodeAccess
    private let authorization: String
    private let deadline: UInt64?
    private var follows: [Follow]
    private var printer: any WatchPrinter
    private let streams = EventStreams()
    private let parser = JSONParser(maxBytes: Watcher.maxEventBytes)

    init(
        _ tasks: [Identifier], access: NodeAccess, authorization: String, timeoutMilliseconds: Int?,
        printer: any WatchPrinter
    ) {
        self.access = access
        self.authorization = authorization
        self.printer = printer
        deadline = timeoutMilliseconds.map { Monotonic.milliseconds + UInt64($0) }
        follows = tasks.map { Follow(task: WatchedTask($0)) }
    }

    /// Watches until all tasks have ended. Returns whether all are completed; nil when the time was up first.
    mutating func run() throws(CommandFailure) -> Bool? {
        for index in follows.indices { open(index) }
        var drawn: UInt64 = 0
        while follows.contains(where: { !$0.task.state.isFinal }) {
            for occurrence in streams.wait(milliseconds: pause()) { try take(occurrence) }
            let now = Monotonic.milliseconds
            tick(now)
            if now - drawn >= Limits.drawMilliseconds {
                printer.refresh(follows.map(\.task), isLast: false)
                drawn = now
            }
            if let deadline, now >= deadline {
                conclude()
                return nil
            }
        }
        conclude()
        return follows.allSatisfy { $0.task.state == .completed }
    }

    private mutating func conclude() {
        printer.refresh(follows.map(\.task), isLast: true)
        printer.conclude(follows.map(\.task))
    }

    // MARK: Time

    /// Milliseconds until the next step that no stream announces.
    private func pause() -> Int32 {
        let now = Monotonic.milliseconds
        let times = follows.flatMap { [$0.nextTry, $0.unknownAt] }.compactMap { $0 } + [deadline].compactMap { $0 }
        let next = times.min() ?? .max
        return next <= now ? 0 : Int32(min(next - now, Limits.drawMilliseconds))
    }

    private mutating func tick(_ now: UInt64) {
        for index in follows.indices {
            if let time = follows[index].nextTry, time <= now { open(index) }
            if let time = follows[index].unknownAt, time <= now {
                follows[index].unknownAt = nil
                let before = follows[index].task.state
                follows[index].task.foundNothing()
                if follows[index].task.state != before { printer.tell(follows[index].task, follows[index].task.words) }
            }
        }
    }

    private mutating func open(_ index: Int) {
        let follow = follows[index]
        follows[index].nextTry = nil
        follows[index].decoder = EventStreamDecoder(maxBytes: Watcher.maxEventBytes)
        var headers = ["Accept: text/event-stream", authorization]
        if !follow.lastID.isEmpty { headers.append("Last-Event-ID: \(follow.lastID)") }
        let path = "/api/v1/tasks/\(PercentCoding.encode(follow.task.id.text))/events"
        streams.open(
            index, NodeRequest(url: node(of: follow).url(path), headers: headers, authorities: access.authorities))
    }

    private func node(of follow: Follow) -> NodeURL { access.nodes[follow.node % access.nodes.count] }

    // MARK: Occurrences

    private mutating func take(_ occurrence: EventStreams.Occurrence) throws(CommandFailure) {
        switch occurrence {
        case .opened(let index):
            if follows[index].task.trouble != nil {
                printer.tell(follows[index].task, "connected to \(node(of: follows[index]).text)")
            }
            follows[index].task.trouble = nil
            follows[index].failures = 0
            follows[index].unknownAt = Monotonic.milliseconds + Limits.snapshotMilliseconds
        case .received(let index, let bytes): receive(index, bytes)
        case .ended(let index, let end): try ended(index, end)
        }
    }

    private mutating func receive(_ index: Int, _ bytes: [UInt8]) {
        let events: [EventStreamDecoder.Event]
        do {
            events = try follows[index].decoder.append(bytes)
        } catch {
            streams.close(index)
            return retry(index, because: "the node sent an event that is too large")
        }
        for event in events where !follows[index].task.state.isFinal {
            // No event of the task, but a gap: the next events tell how it stands.
            if event.type == "missed" {
                noteMissed(event, index)
                continue
            }
            let isSnapshot = event.type == "snapshot"
            guard follows[index].task.take(event.data, isSnapshot: isSnapshot, parser: parser) else { continue }
            follows[index].unknownAt = nil
            follows[index].lastID = event.id
            printer.show(event, of: follows[index].task)
        }
        if follows[index].task.state.isFinal { streams.close(index) }
    }

    private mutating func noteMissed(_ event: EventStreamDecoder.Event, _ index: Int) {
        follows[index].unknownAt = nil
        if !event.id.isEmpty { follows[index].lastID = event.id }
        guard let count = (try? parser.object(event.data))?["missed"]?.integer else { return }
        printer.tell(
            follows[index].task,
            "\(count) \(count == 1 ? "event is" : "events are") missing here: Redis no longer has them")
    }

    private mutating func ended(_ index: Int, _ end: EventStreams.End) throws(CommandFailure) {
        guard !follows[index].task.state.isFinal else { return }
        let node = node(of: follows[index])
        switch end {
        case .closed: retry(index, because: "\(node.text) closed the connection")
        case .failed(let failure):
            // Probably a wrong address, as long as it is the only one and never worked.
            if failure.isLikelyToStay, access.nodes.count == 1, follows[index].task.state == .connecting {
                throw .usage("\(node.text): \(failure.reason); set the node's URL with --url or FANTAIL_URL")
            }
            retry(index, because: "\(node.text): \(failure.reason)")
        case .refused(let status, let body):
            let words = NodeRefusal.words(status, body, parser)
            guard NodeRefusal.mayPass(status) else {
                throw .usage(
                    NodeRefusal.explain(status, words, node: node, subject: follows[index].task.id.text))
            }
            retry(index, because: "\(node.text) answered \(status) (\(words))")
        }
    }

    /// The next node, after a pause that grows while none answers.
    private mutating func retry(_ index: Int, because reason: String) {
        follows[index].failures += 1
        follows[index].node += 1
        follows[index].unknownAt = nil
        let doubled = Limits.firstPause << UInt64(min(follows[index].failures - 1, 5))
        // Several watchers of a node that has died come back at different times.
        let pause = UInt64.random(in: doubled / 2...doubled)
        let wait = min(pause, Limits.longestPause)
        follows[index].nextTry = Monotonic.milliseconds + wait
        let next = access.nodes.count > 1 ? "trying \(node(of: follows[index]).text)" : "trying again"
        let isNew = follows[index].task.trouble == nil || follows[index].failures == 1
        follows[index].task.trouble = "\(reason); \(next) until it answers"
        if isNew { printer.tell(follows[index].task, follows[index].task.words) }
    }
}
