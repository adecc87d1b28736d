import Events
import JSON
import Progress

/// What is known of a watched task.
struct WatchedTask {
    /// The task's state.
    enum State: Equatable {
        /// No node has answered yet.
        case connecting
        /// A node has answered, and nothing was ever published.
        case unknown
        /// The task is running, as far as is known.
        case running
        case completed
        /// The task failed, with this error.
        case failed(TaskError)

        var isFinal: Bool {
            switch self {
            case .connecting, .unknown, .running: false
            case .completed, .failed: true
            }
        }
    }

    let id: Identifier
    private(set) var state = State.connecting
    /// The problem with the node or the connection; nil while there is none.
    var trouble: String?

    private var knowledge = TaskKnowledge()
    /// The reason of a failure that was the task's last news and may be retried.
    private var failure: TaskError?

    init(_ id: Identifier) { self.id = id }

    /// A node follows the task, and has sent no event of it for a moment.
    mutating func foundNothing() {
        if state == .connecting { state = .unknown }
    }

    /// Takes an event, or with `isSnapshot` a state; false where it is neither.
    mutating func take(_ json: [UInt8], isSnapshot: Bool, parser: JSONParser) -> Bool {
        guard let object = try? parser.object(json) else { return false }
        if isSnapshot, let state = TaskState.Reading(object, parser: parser) {
            trouble = nil
            knowledge = state.knowledge
            self.state = .running
            failure = nil
            if let event = state.event { show(event) }
            return true
        }
        guard let event = try? Event(object, parser: parser) else { return false }
        trouble = nil
        knowledge.apply(event)
        show(event)
        return true
    }

    private mutating func show(_ event: Event) {
        switch event.kind {
        case .completed: state = .completed
        case .failed where event.isTerminal: state = .failed(TaskError(event.failure))
        case .failed:
            state = .running
            failure = TaskError(event.failure)
        case .progress, .stage:
            state = .running
            failure = nil
        case .other:
            if event.isRestart { failure = nil }
            state = .running
        }
    }

    /// The error of a task that has failed, or whose failure may be retried and was its last news.
    var error: TaskError? {
        if case .failed(let error) = state { return error }
        return state == .running ? failure : nil
    }

    /// From 0 to 100.
    var percent: Double? {
        if state == .completed { return 100 }
        return knowledge.progress.flatMap { Double($0) }.map { min(100, max(0, $0)) }
    }

    /// The text beside its bar.
    var words: String {
        if let trouble, !state.isFinal { return trouble }
        switch state {
        case .connecting: return "connecting"
        case .unknown: return "waiting: no event yet"
        case .completed: return "completed" + (message.map { ": " + $0 } ?? "")
        case .failed(let error): return "failed: " + error.line
        case .running:
            let stage = knowledge.currentStage ?? (failure == nil ? knowledge.status?.lowercased() : nil)
            let left = knowledge.timeRemaining.flatMap(Double.init).map { TimeText.clock($0) + " left" }
            let last = failure.map { "failed, may be retried: " + $0.line } ?? message
            return [stage.map { PlainText.text($0.utf8) }, left, last].compactMap(\.self).joined(
                separator: ", ")
        }
    }

    private var message: String? {
        let text = PlainText.text((knowledge.message ?? "").utf8)
        return text.isEmpty ? nil : text
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
