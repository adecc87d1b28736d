package import Dialects
import EventLoop
package import Events
import Hub
import RESP
import Redis
import Store

/// Answers a viewer that asks how a task stands (ops/dialects.md).
///
/// The viewer gets one answer, and then every later change as it happens. While the viewer waits for the answer it is
/// no member of the channel: an event that arrives meanwhile is the answer.
extension Subscriptions {
    /// Answers `requestStatus`: asks the task's third party where it has one, sends the stored state, and from then on
    /// every change, where the viewer may be told of one more task.
    package func answer(_ viewer: any Viewer, about name: ChannelName, request: RequestID?) {
        let isRepeated = interest(of: viewer, in: name).contains(.updates)
        let question = Question(request, isRepeated: isRepeated)
        // As many as a viewer may subscribe to, counted apart: a question must not cost it a subscription.
        let most = limits.askedPerConnection
        guard store.isReady, makeRoomForUpdates(of: name, to: viewer, most: most) else {
            return find(question, name, viewer)
        }
        joinToAsk(viewer, name, question) { [weak self, weak viewer] in
            guard let self, let viewer else { return }
            find(question, name, viewer)
        }
    }

    /// The channel is live: finds the answer, and sends the viewer no change before it.
    func ask(_ joiner: Joiner, about channel: Channel) {
        hub.leave(joiner.viewer.subscriber, channel, noLonger: .updates)
        wait(joiner, for: channel, .answer)
        joiner.didEnter?()
    }

    /// The task changed: sends the change to the viewers that wait for an answer.
    func answerQuestions(about channel: Channel) {
        guard waiting.count > 0, !waiting.isEmpty(for: channel), let state = channel.state.snapshot else {
            return
        }
        for joiner in waiting.removeAll(for: channel, where: { $0.waitsFor == .answer }) {
            settle(joiner, state, on: channel)
        }
    }

    /// Whether the subscriber waits for the task's status.
    func isAsking(_ subscriber: Subscriber, about channel: Channel) -> Bool {
        waiting.waits(of: ObjectIdentifier(subscriber)).contains { $0.what === channel && $0.wish.waitsFor == .answer }
    }

    /// Sends a waiting viewer the answer, and every change from now on.
    private func settle(_ joiner: Joiner, _ state: Delivery, on channel: Channel) {
        seat(joiner, in: channel, isEntering: false)
        let viewer = joiner.viewer
        guard let question = joiner.question, !question.isAnswered, viewer.isListening else { return }
        question.isAnswered = true
        guard viewer.mayWatch(channel.name, owner: channel.state.owner) else {
            hub.leave(viewer.subscriber, channel, noLonger: .updates)
            closeIfUnwatched(channel)
            return viewer.refuseToShow(channel.name, request: question.request)
        }
        viewer.say(.taskUpdate(state, request: question.request))
    }

    /// Removes the question's viewer from the waiting list; nil where it does not wait there.
    private func release(_ question: Question, on channel: Channel) -> Joiner? {
        waiting.removeAll(for: channel) { $0.question === question && $0.waitsFor == .answer }.first
    }

    // MARK: Finding the answer

    private func find(_ question: Question, _ name: ChannelName, _ viewer: any Viewer) {
        inTurn(question, name, viewer) { $0.readAndAsk(question, name, $1) }
    }

    /// Continues once the connection has taken what was sent before: of a hundred large states the node sends the next
    /// when the connection has taken the one before.
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

    /// Answers with the stored state, unless an event has answered already. Where this loop has not heard the state's
    /// last event yet, the viewer would get it twice: the loop waits a bounded time for that event as the answer.
    private func conclude(
        _ question: Question, _ state: Delivery, _ name: ChannelName, _ viewer: any Viewer,
        mayWait: Bool = true
    ) {
        guard !question.isAnswered else { return }
        let channel = channel(name)
        guard let channel, isWaiting(question, of: viewer) else {
            // The viewer gets no changes: it may not have them, or it left.
            question.isAnswered = true
            viewer.say(.taskUpdate(state, request: question.request))
            return
        }
        if channel.state.sync.hasReached(state.position) {
            let newest = channel.state.snapshot ?? state
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

    /// Reads a task's stored state for a connection, or tells it why it gets none. Until then the connection counts as
    /// behind.
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
            guard let state = self.state(in: answer, of: name) else {
                return refuse(
                    question, name, viewer, Fault(.notFound, "nothing is known of this task", subject: name))
            }
            body(state)
        }
    }

    /// Answers with an error; the connection still gets later changes.
    private func refuse(
        _ question: Question, _ name: ChannelName, _ viewer: any Viewer, _ fault: Fault
    ) {
        let channel = channel(name)
        if let channel, let joiner = release(question, on: channel) { seat(joiner, in: channel, isEntering: false) }
        guard !question.isAnswered else { return }
        question.isAnswered = true
        viewer.say(.fault(fault, request: question.request))
    }

    private func take(_ question: Question, outOf name: ChannelName) {
        guard let channel = channel(name),
            release(question, on: channel) != nil
        else { return }
        closeIfUnwatched(channel)
    }
}
