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
        wanted = word == "ACTIVE" ? .active : StatusWord(word).map { .known($0) } ?? .word(word)
    }

    /// Whether it admits every task of the set of its ``standing``.
    var isExact: Bool {
        switch wanted {
        case .all, .active, .known(.completed), .known(.failed): true
        case .known, .word: false
        }
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
    func admits(status: String?, hasEnded: Bool) -> Bool {
        switch wanted {
        case .all: true
        case .active: !hasEnded
        case .known(let known):
            hasEnded == (standing != .active) && (status.map { StatusWord($0) } ?? .processing) == known
        case .word(let word): status?.uppercased() == word
        }
    }
}
