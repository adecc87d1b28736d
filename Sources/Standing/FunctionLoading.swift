import RESP
import Store

/// Decides how a Redis gets the workers' Function: asks for its version, and loads it where Redis has none, an older
/// one or, when the node connects, one with other limits.
///
/// Of several nodes that find none one loads it: Redis refuses `FUNCTION LOAD` without `REPLACE` to the others.
struct FunctionLoading {
    /// What happened.
    enum Event: Equatable {
        /// A heartbeat is due, or the node has just connected.
        case due(isConnecting: Bool)
        /// Redis answered with the Function's version; nil where it has none.
        case found(version: String?)
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
        /// Load the Function.
        case load(replacing: Bool)
        /// Log that Redis has the Function now.
        case sayLoaded
        /// Log that Redis did not load it.
        case sayRefused(RedisReplyError)
    }

    private enum State: Equatable {
        case idle
        /// Waiting for the version.
        case asking(isConnecting: Bool)
        /// Waiting until Redis has loaded it.
        case loading
        /// Waiting for the version, since Redis has just got the Function, from this loop or from another.
        case checking
    }

    private let function: PublishFunction
    private var state = State.idle
    /// Whether to ask once more after this.
    private var mustAskAgain = false
    /// The error that the log has already: it comes again with every heartbeat.
    private var said: RedisReplyError?

    init(_ function: PublishFunction) { self.function = function }

    mutating func receive(_ event: Event) -> [Action] {
        switch (event, state) {
        case (.due(let isConnecting), .idle): move(to: .asking(isConnecting: isConnecting), [.ask])
        case (.due(isConnecting: true), _): askLater()
        case (.due, _): []
        case (.found(let version), .asking(let isConnecting)):
            meet(function.need(where: version, isConnecting: isConnecting))
        case (.found(version: nil), .checking): move(to: .loading, [.load(replacing: true)])
        case (.found, .checking): move(to: .idle)
        // The question tells a new library the run ids of all masters: without them it would begin new epochs.
        case (.loaded, .loading): succeed([.sayLoaded, .ask], then: .checking)
        case (.nameTaken, .loading): move(to: .checking, [.ask])
        case (.found, _), (.loaded, _), (.nameTaken, _): []
        case (.refused(let error), _): refuse(error)
        case (.unanswered, _): move(to: .idle)
        }
    }

    /// A master has connected meanwhile: the question under way does not tell its run id.
    private mutating func askLater() -> [Action] {
        mustAskAgain = true
        if case .asking = state { state = .asking(isConnecting: true) }
        return []
    }

    private mutating func meet(_ need: PublishFunction.Need) -> [Action] {
        switch need {
        case .nothing: succeed()
        case .loading: move(to: .loading, [.load(replacing: false)])
        case .replacing: move(to: .loading, [.load(replacing: true)])
        }
    }

    private mutating func succeed(_ actions: [Action] = [], then next: State = .idle) -> [Action] {
        said = nil
        return move(to: next, actions)
    }

    private mutating func refuse(_ error: RedisReplyError) -> [Action] {
        let isNew = error != said
        said = error
        return move(to: .idle, isNew ? [.sayRefused(error)] : [])
    }

    private mutating func move(to next: State, _ actions: [Action] = []) -> [Action] {
        state = next
        guard mustAskAgain, next == .idle else { return actions }
        mustAskAgain = false
        state = .asking(isConnecting: true)
        return actions + [.ask]
    }
}
