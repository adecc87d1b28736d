/// Where one connection stands in its requests: it reads one at a time, answers it, and reads the next. Says what is to be
/// done; ``HTTPConversation`` does it.
struct RequestFlow {
    enum State: Equatable {
        /// No request head has come whole yet.
        case new
        /// The last request is answered; the next may come, or has begun to.
        case idle
        /// A request's head has come, and its body is read.
        case body
        /// A request is answered from its head, and the rest of its body is passed over.
        case rest
        /// A request is being answered. `hasRest`: what is left of its body is to be passed over behind the answer.
        case answering(hasRest: Bool)
        /// The connection reads no more requests: it closes, or something else has taken it over.
        case ended
    }

    /// How long the connection waits for what comes next.
    enum Patience: Equatable {
        /// Until the client has ended its side.
        case close
        /// For the next request.
        case keepAlive
        /// For the rest of a body.
        case body
    }

    /// What follows an answer.
    enum Next: Equatable {
        /// The connection reads on.
        case read(Patience)
        /// The connection closes.
        case close(Patience)
    }

    /// How a connection ends that is cut off.
    enum Cut: Equatable {
        /// It goes on: a request is being answered, or it has ended already.
        case none
        /// It closes and says nothing: the client would take it for the answer to the request it is about to send.
        case close
        /// It says why, since a request has begun, and closes.
        case refuse
    }

    private(set) var state = State.new
    private var peerIsDone = false

    /// Whether the connection reads requests; while it answers one it does not.
    var isReading: Bool {
        switch state {
        case .new, .idle, .body, .rest: true
        case .answering, .ended: false
        }
    }

    /// A request's head has come.
    mutating func didReadHead() { state = .body }

    /// The request is answered now. `hasRest`: its body, or a part, is still to come.
    mutating func willAnswer(hasRest: Bool) { state = .answering(hasRest: hasRest) }

    /// The answer has been given. `keepsAlive`: the client and the node want another request. `restIsShort`: what is left of
    /// the body may be passed over. Nil where nothing was being answered.
    mutating func didAnswer(keepsAlive: Bool, restIsShort: @autoclosure () -> Bool) -> Next? {
        guard case .answering(let hasRest) = state else { return nil }
        guard keepsAlive, !peerIsDone, !hasRest || restIsShort() else {
            state = .ended
            return .close(hasRest ? .body : .close)
        }
        state = hasRest ? .rest : .idle
        return .read(hasRest ? .body : .keepAlive)
    }

    /// The rest of an answered request's body has come.
    mutating func didPassRest() { state = .idle }

    /// The client will send nothing more. Answers whether the connection closes now; an answer that is under way is the
    /// last.
    mutating func peerDidFinish() -> Bool {
        peerIsDone = true
        guard isReading else { return false }
        state = .ended
        return true
    }

    /// Time is up, or the node is stopping. `isInsideRequest`: bytes of a request have come, and not all of them.
    mutating func cut(isInsideRequest: Bool) -> Cut {
        guard isReading else { return .none }
        let isRest = state == .rest
        state = .ended
        return isInsideRequest && !isRest ? .refuse : .close
    }

    /// The connection reads no more requests: what came is none, or something else takes it over.
    mutating func end() { state = .ended }
}

extension RequestFlow.Next {
    /// Whether no request follows.
    var isLast: Bool {
        if case .close = self { true } else { false }
    }
}
