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
        /// Waiting for the version, since the name was taken.
        case checking
    }

    private let function: PublishFunction
    private var state = State.idle
    /// The error that the log has already: it comes again with every heartbeat.
    private var said: RedisReplyError?

    init(_ function: PublishFunction) { self.function = function }

    mutating func receive(_ event: Event) -> [Action] {
        switch (event, state) {
        case (.due(let isConnecting), .idle): move(to: .asking(isConnecting: isConnecting), [.ask])
        case (.due(isConnecting: true), .asking): move(to: .asking(isConnecting: true))
        case (.due, _): []
        case (.found(let version), .asking(let isConnecting)):
            meet(function.need(where: version, isConnecting: isConnecting))
        case (.found(version: nil), .checking): move(to: .loading, [.load(replacing: true)])
        case (.found, .checking): move(to: .idle)
        case (.loaded, .loading): succeed([.sayLoaded])
        case (.nameTaken, .loading): move(to: .checking, [.ask])
        case (.found, _), (.loaded, _), (.nameTaken, _): []
        case (.refused(let error), _): refuse(error)
        case (.unanswered, _): move(to: .idle)
        }
    }

    private mutating func meet(_ need: PublishFunction.Need) -> [Action] {
        switch need {
        case .nothing: succeed()
        case .loading: move(to: .loading, [.load(replacing: false)])
        case .replacing: move(to: .loading, [.load(replacing: true)])
        }
    }

    private mutating func succeed(_ actions: [Action] = []) -> [Action] {
        said = nil
        return move(to: .idle, actions)
    }

    private mutating func refuse(_ error: RedisReplyError) -> [Action] {
        let isNew = error != said
        said = error
        return move(to: .idle, isNew ? [.sayRefused(error)] : [])
    }

    private mutating func move(to next: State, _ actions: [Action] = []) -> [Action] {
        state = next
        return actions
    }
}
