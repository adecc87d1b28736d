import RESP
import Store

/// Decides how a Redis gets the workers' Function: asks for its version, and loads it where Redis has none, an older
/// one or, when the node connects, one with other limits.
///
/// Of several nodes that find none one loads it: Redis refuses `FUNCTION LOAD` without `REPLACE` to the others.
///
/// A Function that publishes by another command than PUBLISH is loaded only where the node itself may call that command: a
/// node whose users were not given the new right must not take the workers' Function from them.
struct FunctionLoading {
    /// What happened.
    enum Event: Equatable {
        /// A heartbeat is due, or the node has just connected.
        case due(isConnecting: Bool)
        /// Redis answered with the Function's version; nil where it has none.
        case found(version: String?)
        /// Redis answered with the commands of the Function that this node may not call.
        case mayNot([String])
        /// Redis loaded the Function.
        case loaded
        /// Another node was first, or another library has the name.
        case nameTaken
        /// Redis answered with an error.
        case refused(RedisReplyError)
        /// Redis did not answer. The node asks again when Redis is back.
        case unanswered
    }

    /// What the loop must do.
    enum Action: Equatable {
        /// Ask for the version.
        case ask
        /// Ask which commands of the Function this node may not call.
        case askForRights
        /// Load the Function.
        case load(replacing: Bool)
        /// Log that Redis has the Function now.
        case sayLoaded
        /// Log that Redis did not load it.
        case sayRefused(RedisReplyError)
        /// Log that the node does not load it, since it lacks these rights. `leaving`: Redis has one, which stays.
        case sayLacking([String], leaving: Bool)
    }

    private enum State: Equatable {
        case idle
        /// Waiting for the version.
        case asking(isConnecting: Bool)
        /// Waiting for the node's rights.
        case askingForRights(replacing: Bool)
        /// Waiting until Redis has loaded it.
        case loading
        /// Waiting for the version, since Redis has just got the Function, from this loop or from another.
        case checking
    }

    private let function: PublishFunction
    /// Whether the Function needs a right that not every user with a right to publish has.
    private let needsRights: Bool
    private var state = State.idle
    /// Whether to ask once more after this.
    private var mustAskAgain = false
    /// The node could not do yet what it had to do when it connected: it lacked a right, or Redis refused or did not answer.
    private var isOwing = false
    /// What the log has already: it comes again with every heartbeat.
    private var said: Action?

    init(_ function: PublishFunction, needsRights: Bool = false) {
        self.function = function
        self.needsRights = needsRights
    }

    mutating func receive(_ event: Event) -> [Action] {
        switch (event, state) {
        case (.due(let isConnecting), .idle): move(to: .asking(isConnecting: isConnecting || isOwing), [.ask])
        case (.due(isConnecting: true), _): askLater()
        case (.due, _): []
        case (.found(let version), .asking(let isConnecting)):
            meet(function.need(where: version, isConnecting: isConnecting), isConnecting)
        case (.found(version: nil), .checking): load(replacing: true)
        case (.found, .checking): move(to: .idle)
        case (.mayNot(let lacking), .askingForRights(let replacing)):
            lacking.isEmpty ? move(to: .loading, [.load(replacing: replacing)]) : lack(lacking, leaving: replacing)
        // The question tells a new library the run ids of all masters: without them it would begin new epochs.
        case (.loaded, .loading): succeed([.sayLoaded, .ask], then: .checking)
        case (.nameTaken, .loading): move(to: .checking, [.ask])
        case (.found, _), (.mayNot, _), (.loaded, _), (.nameTaken, _): []
        case (.refused(let error), _): give(up: .sayRefused(error))
        case (.unanswered, _): move(to: .idle)
        }
    }

    /// A master has connected meanwhile: the question under way does not tell its run id.
    private mutating func askLater() -> [Action] {
        mustAskAgain = true
        if case .asking = state { state = .asking(isConnecting: true) }
        return []
    }

    private mutating func meet(_ need: PublishFunction.Need, _ isConnecting: Bool) -> [Action] {
        switch need {
        case .nothing: return succeed()
        case .loading: return load(replacing: false)
        case .replacing:
            isOwing = isConnecting
            return load(replacing: true)
        }
    }

    private mutating func load(replacing: Bool) -> [Action] {
        needsRights
            ? move(to: .askingForRights(replacing: replacing), [.askForRights])
            : move(to: .loading, [.load(replacing: replacing)])
    }

    private mutating func succeed(_ actions: [Action] = [], then next: State = .idle) -> [Action] {
        (said, isOwing) = (nil, false)
        return move(to: next, actions)
    }

    /// Once the node has the right, it does what it would have done when it connected.
    private mutating func lack(_ rights: [String], leaving: Bool) -> [Action] {
        isOwing = true
        return give(up: .sayLacking(rights, leaving: leaving))
    }

    private mutating func give(up reason: Action) -> [Action] {
        let isNew = reason != said
        said = reason
        return move(to: .idle, isNew ? [reason] : [])
    }

    private mutating func move(to next: State, _ actions: [Action] = []) -> [Action] {
        state = next
        guard mustAskAgain, next == .idle else { return actions }
        mustAskAgain = false
        state = .asking(isConnecting: true)
        return actions + [.ask]
    }
}
