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
    func answer(_ viewer: any Viewer, about name: ChannelName, request: RequestID?) {
        let isRepeated = interest(of: viewer, in: name).contains(.updates)
        let question = Question(request, isRepeated: isRepeated)
        // As many as it may subscribe to, beside those: asking must not cost it a subscription.
        let most = limits.askedPerConnection
        guard store.isReady, makeRoomForUpdates(of: name, to: viewer, most: most) else {
            return find(question, name, viewer)
        }
        joinToAsk(viewer, name, question) { [weak self, weak viewer] in
            guard let self, let viewer else { return }
            find(question, name, viewer)
        }
    }

    /// The channel is live: the connection waits for what is found, and is told of no change before.
    func ask(_ joiner: Joiner, about channel: Channel) {
        hub.leave(joiner.viewer.subscriber, channel, noLonger: .updates)
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

    /// Whether the subscriber waits to be told how the task stands.
    func isAsking(_ subscriber: Subscriber, about channel: Channel) -> Bool {
        waiting.waits(of: ObjectIdentifier(subscriber)).contains { $0.what === channel && $0.wish.waitsFor == .answer }
    }

    /// Answers one that waits no longer, and tells it of every change from now on.
    private func settle(_ joiner: Joiner, _ state: Delivery, on channel: Channel) {
        seat(joiner, in: channel, isEntering: false)
        let viewer = joiner.viewer
        guard let question = joiner.question, !question.isAnswered, viewer.isListening else { return }
        question.isAnswered = true
        guard viewer.mayWatch(channel.name, owner: channel.owner) else {
            hub.leave(viewer.subscriber, channel, noLonger: .updates)
            closeIfUnwatched(channel)
            return viewer.refuseToShow(channel.name, request: question.request)
        }
        viewer.say(.taskUpdate(state, request: question.request))
    }

    /// Takes the one who asks out of those that wait; nil where it does not wait there.
    private func release(_ question: Question, on channel: Channel) -> Joiner? {
        waiting.removeAll(for: channel) { $0.question === question && $0.waitsFor == .answer }.first
    }

    // MARK: Finding the answer

    private func find(_ question: Question, _ name: ChannelName, _ viewer: any Viewer) {
        inTurn(question, name, viewer) { $0.readAndAsk(question, name, $1) }
    }

    /// Goes on once the connection has taken what it was sent before: of a hundred large states at once, the next is told when
    /// the one before was taken.
    private func inTurn(
        _ question: Question, _ name: ChannelName, _ viewer: any Viewer,
        _ next: @escaping (Subscriptions, any Viewer) -> Void
    ) {
        let isTaken = viewer.whenCaughtUp { [weak self, weak viewer] in
            guard let self, let viewer else { return }
            next(self, viewer)
        }
        guard !isTaken else { return }
        refuse(question, name, viewer, Fault(.rateLimited, "too much is asked for at once", subject: name))
    }

    private func readAndAsk(_ question: Question, _ name: ChannelName, _ viewer: any Viewer) {
        readState(of: name, for: viewer, question) { [weak self, weak viewer] state in
            guard let self, let viewer, viewer.isListening else { return }
            guard let inquirer, name.kind == .task,
                ThirdPartyStatus.isAwaited(state.knowledge.status)
            else { return conclude(question, state, name, viewer) }
            inquirer.ask(about: name, isEager: question.isRepeated, for: viewer) {
                [weak self, weak viewer] mayHaveChanged in
                guard let self, let viewer else { return }
                inTurn(question, name, viewer) { subscriptions, viewer in
                    guard mayHaveChanged else {
                        return subscriptions.conclude(question, state, name, viewer)
                    }
                    subscriptions.readState(of: name, for: viewer, question) {
                        [weak subscriptions, weak viewer] state in
                        guard let subscriptions, let viewer else { return }
                        subscriptions.conclude(question, state, name, viewer)
                    }
                }
            }
        }
    }

    /// The stored state is the answer, unless an event was that already. One that this loop has not heard yet would be told
    /// a second time behind it: then it is waited for, and is the answer itself, as long as that is worth waiting for.
    private func conclude(
        _ question: Question, _ state: Delivery, _ name: ChannelName, _ viewer: any Viewer,
        mayWait: Bool = true
    ) {
        guard !question.isAnswered else { return }
        let channel = hub.channel(naming.channel(name.text))
        guard let channel, isWaiting(question, of: viewer) else {
            // It is told of no changes: it may not be, or has left.
            question.isAnswered = true
            viewer.say(.taskUpdate(state, request: question.request))
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
        loop.schedule(after: limits.answerMilliseconds) { [weak self, weak viewer] in
            guard let self, let viewer else { return }
            conclude(question, state, name, viewer, mayWait: false)
        }
    }

    private func isWaiting(_ question: Question, of viewer: any Viewer) -> Bool {
        waiting.waits(of: ObjectIdentifier(viewer.subscriber)).contains {
            $0.wish.question === question && $0.wish.waitsFor == .answer
        }
    }

    /// Reads a task's stored state for a connection, or tells it why it does not get it. Until then the connection has enough
    /// to take.
    private func readState(
        of name: ChannelName, for viewer: any Viewer, _ question: Question,
        _ body: @escaping (Delivery) -> Void
    ) {
        viewer.replay(isUnderWay: true)
        read(name, since: nil, bytes: 0) { [weak self, weak viewer] result in
            defer { viewer?.replay(isUnderWay: false) }
            guard let self, let viewer, viewer.isListening else { return }
            guard case .success(let answer) = result else {
                return refuse(
                    question, name, viewer, Fault(.unavailable, "the state cannot be read now", subject: name))
            }
            guard viewer.mayWatch(name, owner: answer.owner) else {
                take(question, outOf: name)
                guard !question.isAnswered else { return }
                question.isAnswered = true
                viewer.refuseToShow(name, request: question.request)
                return
            }
            guard let state = events.state(in: answer, of: name) else {
                return refuse(
                    question, name, viewer, Fault(.notFound, "nothing is known of this task", subject: name))
            }
            body(state)
        }
    }

    /// Answers with what is wrong; the connection is told of later changes all the same.
    private func refuse(
        _ question: Question, _ name: ChannelName, _ viewer: any Viewer, _ fault: Fault
    ) {
        let channel = hub.channel(naming.channel(name.text))
        if let channel, let joiner = release(question, on: channel) { seat(joiner, in: channel, isEntering: false) }
        guard !question.isAnswered else { return }
        question.isAnswered = true
        viewer.say(.fault(fault, request: question.request))
    }

    private func take(_ question: Question, outOf name: ChannelName) {
        guard let channel = hub.channel(naming.channel(name.text)),
            release(question, on: channel) != nil
        else { return }
        closeIfUnwatched(channel)
    }
}
