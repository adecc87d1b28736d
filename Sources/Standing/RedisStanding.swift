package import RESP

/// Whether a Redis that answers does what a loop needs: whether it takes writes, and whether the node has its rights.
/// Asked as soon as Redis takes commands, and at every heartbeat after that.
///
/// One refusal is trouble; the trouble is over after some good answers in a row, more of them each time it comes back
/// soon: a full Redis takes a write now and then.
package struct RedisStanding {
    /// What is wrong.
    package enum Trouble: Equatable, Sendable {
        /// Redis is full, read-only, cannot save, or has too few replicas.
        case refusesWrites(RedisReplyError)
        /// The node's user lacks these rights.
        case lacksRights([String])

        package enum Kind: Hashable, Sendable { case refusesWrites, lacksRights }

        package var kind: Kind {
            switch self {
            case .refusesWrites: .refusesWrites
            case .lacksRights: .lacksRights
            }
        }
    }

    /// What happened.
    package enum Event: Equatable {
        /// Redis takes commands.
        case connected
        /// Redis takes no commands any more, or could not be reached.
        case gone(RedisFailure)
        /// A heartbeat is due.
        case beat
        /// Redis refused another command, since a right is missing or it takes no writes.
        case doubt
        /// Redis answered: the rights that the node lacks.
        case answered(missing: [String])
        /// Redis refused the question itself.
        case refused(RedisReplyError)
        /// Redis did not answer.
        case unanswered
    }

    /// What the loop must do.
    enum Action: Equatable {
        /// Ask Redis.
        case ask
        /// Log that there is trouble, and why.
        case sayBegun(Trouble)
        /// Log that trouble of this kind is over.
        case sayOver(Trouble.Kind)
    }

    private enum State { case unknown, good, trouble(Trouble) }

    /// Good answers in a row after which trouble is over, at first.
    private static let fewAnswers = 2
    /// The same at most: half a minute.
    private static let manyAnswers = 16
    /// Good answers in a row after which new trouble is not the old one: a minute.
    private static let calmAnswers = 30

    private var state = State.unknown
    private var isConnected = false
    private var isAsking = false
    private var goodInARow = 0
    private var answersNeeded = fewAnswers
    /// Trouble that was logged, and not yet logged as over.
    private var said: [Trouble.Kind] = []
    private var hadTrouble = false

    /// What is wrong now, as far as the loop knows.
    package var trouble: Trouble? { if case .trouble(let trouble) = state { trouble } else { nil } }
    /// Whether Redis is known to do what the loop needs.
    package var isGood: Bool { if case .good = state { true } else { false } }

    mutating func receive(_ event: Event) -> [Action] {
        switch event {
        case .connected:
            isConnected = true
            return ask()
        case .gone(let failure):
            return lose(failure)
        case .beat:
            return isConnected && !isAsking ? ask() : []
        case .doubt:
            return isConnected && !isAsking && isGood ? ask() : []
        case .answered(let missing):
            isAsking = false
            return missing.isEmpty ? succeed() : lack(missing)
        case .refused(let error):
            isAsking = false
            if error.refusesWrites { return begin(.refusesWrites(error)) }
            return error.deniesAccess ? begin(.lacksRights([error.message])) : []
        case .unanswered:
            isAsking = false
            return []
        }
    }

    private mutating func ask() -> [Action] {
        isAsking = true
        return [.ask]
    }

    private mutating func lose(_ failure: RedisFailure) -> [Action] {
        (isConnected, isAsking) = (false, false)
        switch failure {
        case .unavailable(let error) where error.refusesWrites: return begin(.refusesWrites(error))
        case .refused(let error) where error.lacksRight: return begin(.lacksRights([error.message]))
        default:
            state = .unknown
            return []
        }
    }

    private mutating func begin(_ trouble: Trouble) -> [Action] {
        if isGood {
            let isBack = hadTrouble && goodInARow < Self.calmAnswers
            answersNeeded = isBack ? min(Self.manyAnswers, answersNeeded * 2) : Self.fewAnswers
        }
        (state, goodInARow, hadTrouble) = (.trouble(trouble), 0, true)
        guard !said.contains(trouble.kind) else { return [] }
        said.append(trouble.kind)
        return [.sayBegun(trouble)]
    }

    /// The question ran, so Redis takes writes.
    private mutating func lack(_ missing: [String]) -> [Action] {
        let over = said.filter { $0 == .refusesWrites }
        said.removeAll { $0 == .refusesWrites }
        return over.map(Action.sayOver) + begin(.lacksRights(missing))
    }

    private mutating func succeed() -> [Action] {
        goodInARow += 1
        guard said.isEmpty || goodInARow >= answersNeeded else { return [] }
        state = .good
        defer { said = [] }
        return said.map(Action.sayOver)
    }
}
