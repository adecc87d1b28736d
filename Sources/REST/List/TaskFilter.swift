import Events
import Store

/// Which tasks a request for the list wants, by how they stand: `?status=`.
struct TaskFilter: Equatable {
    private enum Wanted: Equatable {
        case all
        /// Those that have not ended.
        case active
        /// One of the statuses that every dialect knows.
        case known(StatusWord)
        /// A worker's own word, in upper case.
        case word(String)
    }

    private let wanted: Wanted

    /// Characters of a status to look for: tasks have none that is longer.
    static let maxCharacters = TaskKnowledge.maxStatusBytes

    /// The filter for `text`, compared without case: `active`, or a status; nil for every task. Nil for a text of
    /// another length than statuses have.
    init?(_ text: String?) {
        guard let text else {
            wanted = .all
            return
        }
        guard (1...Self.maxCharacters).contains(text.unicodeScalars.count) else { return nil }
        let word = text.uppercased()
        wanted = word == "ACTIVE" ? .active : StatusWord(word.utf8).map { .known($0) } ?? .word(word)
    }

    /// How all tasks stand that the filter admits; nil where that may differ.
    var standing: TaskStanding? {
        switch wanted {
        case .all: nil
        case .known(.completed): .completed
        case .known(.failed): .failed
        case .active, .known, .word: .active
        }
    }

    /// Whether a task that stands so is wanted. A task without a status is being processed. After a failure that may be
    /// retried, a task is active, and not among the failed ones.
    func admits(_ knowledge: TaskKnowledge) -> Bool {
        switch wanted {
        case .all: true
        case .active: !knowledge.hasEnded
        case .known(let status):
            knowledge.hasEnded == (standing != .active)
                && (knowledge.status.map { StatusWord($0.utf8) } ?? .processing) == status
        case .word(let word): knowledge.status?.uppercased() == word
        }
    }
}
