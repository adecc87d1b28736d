import Events
import Dialects
import EventLoop
import Hub
import RESP
import Redis
import Store

/// How a task stands, for one who asks (ops/dialects.md).
///
/// Whoever asks is told once, by the answer, and of every later change as it happens. While the answer is awaited the
/// connection is no member of the channel: an event that comes meanwhile is the answer.
extension Subscriptions {
    /// Tells a connection how a task stands, as `requestStatus` asks: as it is stored, once its third party has been asked,
    /// where it waits for one; and how that changes, from then on, where it may be told of one channel more.
    func answer(_ connection: Connection, about name: ChannelName, request: RequestID?) {
        let isRepeated = interest(of: connection, in: name).contains(.updates)
        let question = Follow.Question(request, isRepeated: isRepeated)
        // As many as it may subscribe to, beside those: asking must not cost it a subscription.
        let most = core.shared.configuration.subscriptionsPerConnection
        guard core.redis.isReady, makeRoomForUpdates(of: name, to: connection, most: most) else {
            return find(question, name, connection)
        }
        joinToAsk(connection, name, question) { [weak self, weak connection] in
            guard let self, let connection else { return }
            find(question, name, connection)
        }
    }

    /// The channel is live: the connection waits for what is found, and is told of no change before.
    func ask(_ joiner: Follow.Joiner, about channel: Channel) {
        core.hub.leave(joiner.connection.subscriber, channel, noLonger: .updates)
        wait(joiner, for: channel, .answer)
        joiner.didEnter?()
    }

    /// Something has changed: those who have asked are told it as the answer.
    func answerQuestions(about channel: Channel) {
        guard waiting.count > 0, !waiting.isEmpty(for: channel), let state = EventPath.snapshot(of: channel) else {
            return
        }
        for joiner in waiting.removeAll(for: channel, where: { $0.waitsFor == .answer }) {
            settle(joiner, state, on: channel)
        }
    }

    /// Whether the connection waits to be told how the task stands.
    func isAsking(_ connection: Connection, about channel: Channel) -> Bool {
        waiting.waits(of: connection).contains { $0.what === channel && $0.wish.waitsFor == .answer }
    }

    /// Answers one that waits no longer, and tells it of every change from now on.
    private func settle(_ joiner: Follow.Joiner, _ state: Delivery, on channel: Channel) {
        seat(joiner, in: channel, isEntering: false)
        guard let question = joiner.question, !question.isAnswered, let conversation = joiner.connection.webSocket
        else { return }
        question.isAnswered = true
        guard conversation.session.mayWatch(channel.name, owner: channel.owner) else {
            core.hub.leave(joiner.connection.subscriber, channel, noLonger: .updates)
            closeIfUnwatched(channel)
            return conversation.refuseToShow(channel.name, request: question.request)
        }
        conversation.say(.taskUpdate(state, request: question.request))
    }

    /// Takes the one who asks out of those that wait; nil where it does not wait there.
    private func release(_ question: Follow.Question, on channel: Channel) -> Follow.Joiner? {
        waiting.removeAll(for: channel) { $0.question === question && $0.waitsFor == .answer }.first
    }

    // MARK: Finding the answer

    private func find(_ question: Follow.Question, _ name: ChannelName, _ connection: Connection) {
        inTurn(question, name, connection) { $0.readAndAsk(question, name, $1) }
    }

    /// Goes on once the connection has taken what it was sent before: of a hundred large states at once, the next is told when
    /// the one before was taken.
    private func inTurn(
        _ question: Follow.Question, _ name: ChannelName, _ connection: Connection,
        _ next: @escaping (Subscriptions, Connection) -> Void
    ) {
        let isTaken = connection.whenCaughtUp { [weak self, weak connection] in
            guard let self, let connection else { return }
            next(self, connection)
        }
        guard !isTaken else { return }
        refuse(question, name, connection, Fault(.rateLimited, "too much is asked for at once", subject: name))
    }

    private func readAndAsk(_ question: Follow.Question, _ name: ChannelName, _ connection: Connection) {
        readState(of: name, for: connection, question) { [weak self, weak connection] state in
            guard let self, let connection, let session = connection.webSocket?.session else { return }
            guard let inquiries = core.inquiries, name.kind == .task,
                ThirdPartyStatus.isAwaited(state.knowledge.status)
            else { return conclude(question, state, name, connection) }
            inquiries.ask(about: name, isEager: question.isRepeated, for: session) {
                [weak self, weak connection] outcome in
                guard let self, let connection else { return }
                inTurn(question, name, connection) { subscriptions, connection in
                    guard outcome == .mayHaveChanged else {
                        return subscriptions.conclude(question, state, name, connection)
                    }
                    subscriptions.readState(of: name, for: connection, question) {
                        [weak subscriptions, weak connection] state in
                        guard let subscriptions, let connection else { return }
                        subscriptions.conclude(question, state, name, connection)
                    }
                }
            }
        }
    }

    /// The stored state is the answer, unless an event was that already. One that this loop has not heard yet would be told
    /// a second time behind it: then it is waited for, and is the answer itself, as long as that is worth waiting for.
    private func conclude(
        _ question: Follow.Question, _ state: Delivery, _ name: ChannelName, _ connection: Connection,
        mayWait: Bool = true
    ) {
        guard !question.isAnswered else { return }
        let channel = core.hub.channel(core.shared.configuration.naming.channel(name.text))
        guard let channel, isWaiting(question, of: connection) else {
            // It is told of no changes: it may not be, or has left.
            question.isAnswered = true
            connection.webSocket?.say(.taskUpdate(state, request: question.request))
            return
        }
        if channel.sync.hasReached(state.position) {
            let newest = EventPath.snapshot(of: channel) ?? state
            if let joiner = release(question, on: channel) { settle(joiner, newest, on: channel) }
            return
        }
        guard mayWait else {
            if let joiner = release(question, on: channel) { settle(joiner, state, on: channel) }
            return
        }
        core.loop.schedule(after: core.limits.answerMilliseconds) { [weak self, weak connection] in
            guard let self, let connection else { return }
            conclude(question, state, name, connection, mayWait: false)
        }
    }

    private func isWaiting(_ question: Follow.Question, of connection: Connection) -> Bool {
        waiting.waits(of: connection).contains { $0.wish.question === question && $0.wish.waitsFor == .answer }
    }

    /// Reads a task's stored state for a connection, or tells it why it does not get it. Until then the connection has enough
    /// to take.
    private func readState(
        of name: ChannelName, for connection: Connection, _ question: Follow.Question,
        _ body: @escaping (Delivery) -> Void
    ) {
        connection.replay(isUnderWay: true)
        read(name, since: nil, bytes: 0) { [weak self, weak connection] result in
            defer { connection?.replay(isUnderWay: false) }
            guard let self, let connection, let session = connection.webSocket?.session else { return }
            guard case .success(let answer) = result else {
                return refuse(
                    question, name, connection, Fault(.unavailable, "the state cannot be read now", subject: name))
            }
            guard session.mayWatch(name, owner: answer.owner) else {
                take(question, outOf: name)
                guard !question.isAnswered else { return }
                question.isAnswered = true
                connection.webSocket?.refuseToShow(name, request: question.request)
                return
            }
            guard let state = core.events.state(in: answer, of: name) else {
                return refuse(
                    question, name, connection, Fault(.notFound, "nothing is known of this task", subject: name))
            }
            body(state)
        }
    }

    /// Answers with what is wrong; the connection is told of later changes all the same.
    private func refuse(
        _ question: Follow.Question, _ name: ChannelName, _ connection: Connection, _ fault: Fault
    ) {
        let channel = core.hub.channel(core.shared.configuration.naming.channel(name.text))
        if let channel, let joiner = release(question, on: channel) { seat(joiner, in: channel, isEntering: false) }
        guard !question.isAnswered else { return }
        question.isAnswered = true
        connection.webSocket?.say(.fault(fault, request: question.request))
    }

    private func take(_ question: Follow.Question, outOf name: ChannelName) {
        guard let channel = core.hub.channel(core.shared.configuration.naming.channel(name.text)),
            release(question, on: channel) != nil
        else { return }
        closeIfUnwatched(channel)
    }
}
