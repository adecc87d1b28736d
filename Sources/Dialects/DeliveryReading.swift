import Events
import JSON

/// What a delivery says where event and knowledge both may: a live event's own word comes first, in a state the
/// knowledge, which may be newer than the event that made the state (a stage event came after it).
extension Delivery {
    /// What the delivery tells. A state whose event is a failure, after which the task has gone on, tells that it goes on.
    var kind: Event.Kind { goesOn ? .progress : event.kind }

    /// Whether the task has gone on after the failure that is its last state.
    private var goesOn: Bool {
        guard isSnapshot, event.kind == .failed, !knowledge.hasEnded else { return false }
        return knowledge.status.flatMap { StatusWord($0.utf8) } != .failed
    }

    /// What the event says of a failure that is over.
    var fieldsOfThePast: EventFieldSet {
        goesOn ? EventFieldSet(.status, .error, .errorMessage, .message, .estimatedTimeRemaining) : .none
    }

    /// The task's status in words of `dialect`, never a final one where the task is not at its end.
    func status(in dialect: (StatusWord) -> StaticString, default word: StaticString) -> Words {
        let told = goesOn ? nil : event.content.status.map { (Words.raw($0), StatusWord($0)) }
        let known = knowledge.status.map { (Words.text($0), StatusWord($0.utf8)) }
        guard let (words, status) = choose(told, known), !words.isEmpty else { return .fixed(word) }
        guard let status else { return words }
        // Knowledge may be of an earlier end that the event has not reached; events of no kind of ours say nothing.
        if status.isFinal, event.isLive { return .fixed(word) }
        return .fixed(dialect(status))
    }

    /// The progress as JSON text, 0 where nothing was ever said.
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

    /// The stage being worked on.
    var currentStage: Words? {
        choose(event.content.currentStage.map(Words.raw), knowledge.currentStage.map(Words.text))
    }

    private func choose<Value>(_ told: Value?, _ known: Value?) -> Value? {
        let told = event.isAboutTask ? told : nil
        return isSnapshot ? known ?? told : told ?? known
    }

    /// When the event happened, in milliseconds since the epoch.
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
