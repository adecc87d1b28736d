package import RESP

/// Whether Redis does what a loop needs of it, though it answers: whether it takes writes, and whether the node has its rights
/// there. Asked as soon as commands are taken and at every heartbeat after that.
///
/// One refusal is trouble; the trouble is over after some answers in a row, more of them each time it has come back soon: what
/// is full to the brim takes a write now and then.
package struct RedisStanding {
    /// What is wrong.
    package enum Trouble: Equatable, Sendable {
        /// It is full, read-only, cannot save, or has too few replicas.
        case refusesWrites(RedisReplyError)
        /// The node's user may not do this.
        case lacksRights([String])

        package enum Kind: Hashable, Sendable { case refusesWrites, lacksRights }

        package var kind: Kind {
            switch self {
            case .refusesWrites: .refusesWrites
            case .lacksRights: .lacksRights
            }
        }
    }

    /// What happens.
    package enum Event: Equatable {
        /// Commands are taken.
        case connected
        /// They are no longer, or could not be made to be.
        case gone(RedisFailure)
        /// A heartbeat is due.
        case beat
        /// Another command was refused, for want of a right or because Redis takes no writes.
        case doubt
        /// The question was answered: what the node may not do.
        case answered(missing: [String])
        /// The question itself was refused.
        case refused(RedisReplyError)
        /// It was not answered.
        case unanswered
    }

    /// What is to be done.
    enum Action: Equatable {
        /// Ask.
        case ask
        /// Say that there is trouble, and why.
        case sayBegun(Trouble)
        /// Say that trouble of this kind is over.
        case sayOver(Trouble.Kind)
    }

    private enum State { case unknown, good, trouble(Trouble) }

    /// Answers in a row after which trouble counts as over, at first.
    private static let fewAnswers = 2
    /// The same at most: half a minute.
    private static let manyAnswers = 16
    /// Answers in a row after which new trouble is not the old one come back: a minute.
    private static let calmAnswers = 30

    private var state = State.unknown
    private var isConnected = false
    private var isAsking = false
    private var goodInARow = 0
    private var answersNeeded = fewAnswers
    /// Trouble that was said to have begun, and not yet to be over.
    private var said: [Trouble.Kind] = []
    private var hadTrouble = false

    /// What is wrong now, as far as is known.
    package var trouble: Trouble? { if case .trouble(let trouble) = state { trouble } else { nil } }
    /// Whether Redis is known to do what is needed.
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

    /// The question ran, so that writes are taken.
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
