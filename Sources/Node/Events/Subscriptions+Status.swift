import Dialects
import Hub
import RedisClient
import Tasks

/// How a task stands, for one who asks (ops/dialects.md).
extension Subscriptions {
    /// Tells one connection how a task stands, as `requestStatus` asks: as it is stored, once its third party has been
    /// asked, where it waits for one. `isRepeated`: the connection has asked before.
    func tellState(of name: ChannelName, to connection: Connection, isRepeated: Bool, request: RequestID?) {
        let isTaken = connection.whenCaughtUp { [weak self, weak connection] in
            guard let self, let connection else { return }
            askAndTell(name, connection, isRepeated: isRepeated, request: request)
        }
        if !isTaken { refuseForNow(name, connection, request: request) }
    }

    private func askAndTell(_ name: ChannelName, _ connection: Connection, isRepeated: Bool, request: RequestID?) {
        readState(of: name, for: connection, request: request) { [weak self] delivery, conversation in
            guard let inquiries = self?.core.inquiries, name.kind == .task,
                ThirdPartyStatus.isAwaited(delivery.knowledge.status)
            else { return conversation.say(.taskUpdate(delivery, request: request)) }
            inquiries.ask(about: name, isEager: isRepeated, for: conversation.session) {
                [weak self, weak connection] outcome in
                guard let self, let connection else { return }
                tellAnswer(name, connection, hasChanged: outcome == .mayHaveChanged, delivery, request: request)
            }
        }
    }

    /// Tells what is stored once the third party was asked: `delivery`, or what has taken its place.
    private func tellAnswer(
        _ name: ChannelName, _ connection: Connection, hasChanged: Bool, _ delivery: Delivery, request: RequestID?
    ) {
        let isTaken = connection.whenCaughtUp { [weak self, weak connection] in
            guard let self, let connection, let conversation = connection.webSocket else { return }
            guard hasChanged else { return conversation.say(.taskUpdate(delivery, request: request)) }
            readState(of: name, for: connection, request: request) { delivery, conversation in
                conversation.say(.taskUpdate(delivery, request: request))
            }
        }
        if !isTaken { refuseForNow(name, connection, request: request) }
    }

    private func refuseForNow(_ name: ChannelName, _ connection: Connection, request: RequestID?) {
        connection.viewer?.say(
            .fault(Fault(.rateLimited, "too much is asked for at once", subject: name), request: request))
    }

    /// Reads a task's stored state for a connection, or tells it why it does not get it. The connection has enough to take
    /// until then: of a hundred large states at once, the next is read when the one before was taken.
    private func readState(
        of name: ChannelName, for connection: Connection, request: RequestID?,
        _ body: @escaping (Delivery, WebSocketConversation) -> Void
    ) {
        connection.replay(isUnderWay: true)
        read(name, since: nil, bytes: 0) { [weak self, weak connection] result in
            defer { connection?.replay(isUnderWay: false) }
            guard let self, let conversation = connection?.webSocket else { return }
            guard case .success(let answer) = result else {
                let fault = Fault(.unavailable, "the state cannot be read now", subject: name)
                return conversation.say(.fault(fault, request: request))
            }
            guard conversation.session.mayWatch(name, owner: answer.owner) else {
                return conversation.refuseToShow(name, request: request)
            }
            guard let delivery = core.events.state(in: answer, of: name) else {
                let fault = Fault(.notFound, "nothing is known of this task", subject: name)
                return conversation.say(.fault(fault, request: request))
            }
            body(delivery, conversation)
        }
    }
}
