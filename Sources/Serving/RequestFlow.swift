/// The order of one connection's requests: it reads one, answers it, and reads the next. Decides what
/// ``HTTPConversation`` does.
struct RequestFlow {
    enum State: Equatable {
        /// No request head has been read yet.
        case new
        /// The last request is answered; the next may have begun to arrive.
        case idle
        /// A request's head was read, and its body is being read.
        case body
        /// A request was answered from its head, and the rest of its body is being skipped.
        case rest
        /// A request is being answered. `hasRest`: the rest of its body must be skipped after the answer.
        case answering(hasRest: Bool)
        /// The connection reads no more requests: it closes, or a stream has taken it over.
        case ended
    }

    /// What the connection waits for, which sets how long.
    enum Patience: Equatable {
        /// The client's end of the connection.
        case close
        /// The next request.
        case keepAlive
        /// The rest of a body.
        case body
    }

    /// What follows an answer.
    enum Next: Equatable {
        /// The connection reads on.
        case read(Patience)
        /// The connection closes.
        case close(Patience)
    }

    /// How to cut off a connection.
    enum Cut: Equatable {
        /// Not: a request is being answered, or the connection has ended.
        case none
        /// Close without a response: the client would take it for the answer to the request it is about to send.
        case close
        /// Respond with the reason, since a request has begun, and close.
        case refuse
    }

    private(set) var state = State.new
    private var peerIsDone = false

    /// Whether the connection reads requests; it does not while it answers one.
    var isReading: Bool {
        switch state {
        case .new, .idle, .body, .rest: true
        case .answering, .ended: false
        }
    }

    /// A request's head was read.
    mutating func didReadHead() { state = .body }

    /// The request is being answered. `hasRest`: its body, or a part of it, is still to come.
    mutating func willAnswer(hasRest: Bool) { state = .answering(hasRest: hasRest) }

    /// The answer was sent. `keepsAlive`: the client and the node want another request. `restIsShort`: the rest of the
    /// body may be skipped. Nil where no request was being answered.
    mutating func didAnswer(keepsAlive: Bool, restIsShort: @autoclosure () -> Bool) -> Next? {
        guard case .answering(let hasRest) = state else { return nil }
        guard keepsAlive, !peerIsDone, !hasRest || restIsShort() else {
            state = .ended
            return .close(hasRest ? .body : .close)
        }
        state = hasRest ? .rest : .idle
        return .read(hasRest ? .body : .keepAlive)
    }

    /// The rest of an answered request's body was skipped.
    mutating func didPassRest() { state = .idle }

    /// The client sends nothing more. Returns whether the connection closes now; an answer under way is the last one.
    mutating func peerDidFinish() -> Bool {
        peerIsDone = true
        guard isReading else { return false }
        state = .ended
        return true
    }

    /// The time is up, or the node is stopping. `isInsideRequest`: a part of a request has arrived.
    mutating func cut(isInsideRequest: Bool) -> Cut {
        guard isReading else { return .none }
        let isRest = state == .rest
        state = .ended
        return isInsideRequest && !isRest ? .refuse : .close
    }

    /// The connection reads no more requests: the bytes are no request, or a stream takes the connection over.
    mutating func end() { state = .ended }
}

extension RequestFlow.Next {
    /// Whether no request follows.
    var isLast: Bool {
        if case .close = self { true } else { false }
    }
}
