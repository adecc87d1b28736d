import Events
import JSON

/// The facts of a delivery that both event and knowledge may hold. In a live event the event's own come first; in a
/// state the knowledge, which may be newer than the event that made the state (a stage event came after it).
extension Delivery {
    /// The kind that clients are told. Where a task went on after a failure, its state tells progress, not the failure.
    var kind: Event.Kind { goesOn ? .progress : event.kind }

    /// Whether the task went on after the failure that is its last state.
    private var goesOn: Bool {
        guard isSnapshot, event.kind == .failed, !knowledge.hasEnded else { return false }
        return knowledge.status.flatMap { StatusWord($0) } != .failed
    }

    /// The event's fields about a failure that is over.
    var fieldsOfThePast: EventFieldSet {
        goesOn ? EventFieldSet(.status, .error, .errorMessage, .message, .estimatedTimeRemaining) : .none
    }

    /// The task's status in the words of `dialect`, never a final one where the task has not ended.
    func status(in dialect: (StatusWord) -> StaticString, default word: StaticString) -> Words {
        let told = goesOn ? nil : event.content.status.map { (Words.raw($0), StatusWord($0)) }
        let known = knowledge.status.map { (Words.text($0), StatusWord($0)) }
        guard let (words, status) = choose(told, known), !words.isEmpty else { return .fixed(word) }
        guard let status else { return words }
        // The knowledge may include an earlier end that the event does not know; events of other kinds have no status.
        if status.isFinal, event.isLive { return .fixed(word) }
        return .fixed(dialect(status))
    }

    /// The progress as JSON text, 0 where no event had one.
    func writeProgress(to writer: inout JSONWriter) {
        if !isSnapshot, event.isAboutTask, let progress = event.progress {
            writer.value(progress)
        } else if let progress = knowledge.progress {
            writer.raw(progress.utf8)
        } else if event.isAboutTask, let progress = event.progress {
            writer.value(progress)
        } else {
            writer.integer(0)
        }
    }

    /// The current stage.
    var currentStage: Words? {
        choose(event.content.currentStage.map(Words.raw), knowledge.currentStage.map(Words.text))
    }

    private func choose<Value>(_ told: Value?, _ known: Value?) -> Value? {
        let told = event.isAboutTask ? told : nil
        return isSnapshot ? known ?? told : told ?? known
    }

    /// The event's time, in milliseconds since the epoch.
    var time: Int64 { event.timestamp ?? timestamp }
}

extension Words {
    fileprivate var isEmpty: Bool {
        switch self {
        case .fixed, .raw: false
        case .text(let text): text.isEmpty
        }
    }
}
