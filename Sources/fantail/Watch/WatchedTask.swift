import Dialects
import JSON
import Progress

/// What is known of a task that is watched.
struct WatchedTask {
    /// How it stands.
    enum State: Equatable {
        /// No node has answered yet.
        case connecting
        /// A node has answered, and nothing was ever published.
        case unknown
        /// It is under way, as far as is known.
        case running
        case completed
        /// It has failed, for the reason given.
        case failed(String)

        var isFinal: Bool {
            switch self {
            case .connecting, .unknown, .running: false
            case .completed, .failed: true
            }
        }
    }

    let id: Identifier
    private(set) var state = State.connecting
    /// What stands between us and the node, in words; nil while all is well.
    var trouble: String?

    private var knowledge = TaskKnowledge()
    private var message = ""
    private var remaining: Double?
    /// The last that was said of the task is a failure after which it may be tried again.
    private var hasFailed = false

    init(_ id: Identifier) { self.id = id }

    /// A node shows the task, and has said nothing of it for a moment.
    mutating func foundNothing() {
        if state == .connecting { state = .unknown }
    }

    /// Takes an event in; false where it is none.
    mutating func take(_ json: [UInt8], parser: JSONParser) -> Bool {
        guard let object = try? parser.object(json), let event = try? Event(object, parser: parser) else {
            return false
        }
        trouble = nil
        if case .other = event.kind {
        } else if hasFailed {
            hasFailed = false
            message = ""
        }
        if event.isRestart {
            message = ""
            remaining = nil
        }
        knowledge.note(event)
        if let text = event.body["message"]?.string { message = PlainText.text(text.utf8) }
        if case .other = event.kind {} else { remaining = event.body["estimatedTimeRemaining"]?.double }
        switch event.kind {
        case .completed: state = .completed
        case .failed where event.isTerminal: state = .failed(reason(event))
        case .failed:
            state = .running
            hasFailed = true
            message = "failed, and may be tried again: \(reason(event))"
        case .progress, .stage, .other: state = .running
        }
        return true
    }

    private func reason(_ event: Event) -> String { PlainText.text((event.failure?.message ?? "").utf8) }

    /// From 0 to 100.
    var percent: Double? {
        if state == .completed { return 100 }
        return knowledge.progress.flatMap { Double($0) }.map { min(100, max(0, $0)) }
    }

    /// What is said of it beside its bar.
    var words: String {
        if let trouble, !state.isFinal { return trouble }
        switch state {
        case .connecting: return "connecting"
        case .unknown: return "waiting: nothing was published to it yet"
        case .completed: return "completed" + (message.isEmpty ? "" : ": " + message)
        case .failed(let reason): return "failed: " + reason
        case .running:
            // A failure that may be tried again is in the message.
            let stage = knowledge.currentStage ?? (hasFailed ? nil : knowledge.status?.lowercased())
            let left = remaining.map { TimeText.clock($0) + " left" }
            return [stage.map { PlainText.text($0.utf8) }, left, message.isEmpty ? nil : message].compactMap { $0 }
                .joined(separator: ", ")
        }
    }

    /// Its line on the board.
    var line: Board.Line {
        let mark: Board.Line.Mark =
            switch state {
            case .connecting, .unknown: .waiting
            case .running: .running
            case .completed: .completed
            case .failed: .failed
            }
        return Board.Line(name: id.text, mark: mark, percent: percent, words: words)
    }
}
