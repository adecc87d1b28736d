import Dialects
import Events
import Hub
import RESP
import Store

/// Answers a viewer that asks how a task stands (ops/dialects.md), as ``StatusQuestion`` decides.
///
/// The viewer gets one answer, and then every later change as it happens. While the viewer waits for the answer it is
/// no member of the channel: an event that arrives meanwhile is the answer.
final class StatusResponder {
    /// The bounds of questions.
    struct Limits {
        /// Tasks that one connection asked about and whose changes it is told. As many as it may subscribe to, counted
        /// apart: a question must not cost it a subscription.
        let askedPerConnection: Int
        /// Milliseconds that an answer waits for an event that Redis has included and this loop has not heard.
        let answerMilliseconds: UInt64
    }

    private let audience: Audience
    private let admission: Admission
    private let channels: ChannelDriver
    private let store: ChannelStore
    /// Asks third parties; nil where there are none.
    private let inquirer: (any Inquirer)?
    private let clock: any LoopClock
    private let limits: Limits

    init(
        audience: Audience, admission: Admission, channels: ChannelDriver, store: ChannelStore,
        inquirer: (any Inquirer)?, clock: any LoopClock, limits: Limits
    ) {
        self.audience = audience
        self.admission = admission
        self.channels = channels
        self.store = store
        self.inquirer = inquirer
        self.clock = clock
        self.limits = limits
    }

    /// Answers `requestStatus`: asks the task's third party where it has one, sends the stored state, and from then on
    /// every change, where the viewer may be told of one more task.
    func answer(_ viewer: any Viewer, about name: ChannelName, request: RequestID?) {
        let isRepeated = audience.interest(of: viewer, in: name).contains(.updates)
        let question = Question(name, of: viewer, request: request, isRepeated: isRepeated)
        guard store.isReady, makeRoom(for: name, viewer) else { return receive(.entered, question) }
        let joiner = Joiner(
            viewer: viewer, request: request, newcomer: Newcomer(since: nil, isQuiet: true), interest: .updates,
            didEnter: { [weak self] in self?.receive(.entered, question) }, question: question)
        admission.join(joiner, name)
    }

    /// Makes room for one more task whose changes the viewer is told: at the bound, the one it has been told of for the
    /// longest goes. False where the viewer still waits for the answers of all of them.
    private func makeRoom(for name: ChannelName, _ viewer: any Viewer) -> Bool {
        guard !audience.follows(viewer, name, taking: .updates) else { return true }
        let asked = audience.askedAbout(by: viewer)
        guard asked.told.count + asked.waiting >= limits.askedPerConnection else { return true }
        guard let longest = asked.told.first else { return false }
        admission.leave(viewer, longest, noLonger: .updates)
        return true
    }

    /// The task changed: the change is the answer of the viewers that wait for one.
    func answerQuestions(about channel: Channel) {
        let questions = audience.questions(about: channel)
        guard !questions.isEmpty, let state = channel.state.snapshot else { return }
        for question in questions { receive(.changed(state), question) }
    }

    // MARK: Actions

    private func receive(_ event: StatusQuestion.Event, _ question: Question) {
        guard let viewer = question.viewer, let action = question.state.receive(event) else { return }
        switch action {
        case .queue: queue(question, viewer)
        case .read: read(question, viewer)
        case .inquire:
            inquirer?.ask(about: question.name, isEager: question.isRepeated, for: viewer) { [weak self] in
                self?.receive(.inquired(mayHaveChanged: $0), question)
            }
        case .compare(let state): receive(.compared(standing(of: state, question, viewer)), question)
        case .awaitEvent:
            clock.start(after: limits.answerMilliseconds) { [weak self] in self?.receive(.late, question) }
        case .answer(let state): answer(question, viewer, state)
        case .refuse(let obstacle):
            _ = takeIn(question, viewer)
            viewer.say(.fault(obstacle.fault(question.name), request: question.request))
        case .hide: hide(question, viewer)
        }
    }

    /// Of a hundred large states the node sends the next when the connection has taken the one before.
    private func queue(_ question: Question, _ viewer: any Viewer) {
        let isTaken = viewer.whenCaughtUp { [weak self] in self?.receive(.turnCame, question) }
        if !isTaken { receive(.obstructed(.crowded), question) }
    }

    /// Reads the task's stored state. Until then the connection counts as behind.
    private func read(_ question: Question, _ viewer: any Viewer) {
        viewer.replay(isUnderWay: true)
        store.read(question.name, since: nil, bytes: 0) { [weak self, weak viewer] result in
            defer { viewer?.replay(isUnderWay: false) }
            guard let self, let viewer, viewer.isListening else { return }
            receive(outcome(of: result, question, viewer), question)
        }
    }

    private func outcome(
        of result: Result<ChannelAnswer, RedisError>, _ question: Question, _ viewer: any Viewer
    ) -> StatusQuestion.Event {
        guard case .success(let answer) = result else { return .obstructed(.unreadable) }
        guard viewer.mayWatch(question.name, owner: answer.owner) else { return .hidden }
        guard let state = store.state(in: answer, of: question.name) else { return .obstructed(.unknown) }
        let isAwaited = question.name.kind == .task && ThirdPartyStatus.isAwaited(state.knowledge.status)
        return .found(state, mayBeOld: inquirer != nil && isAwaited)
    }

    private func standing(
        of state: Delivery, _ question: Question, _ viewer: any Viewer
    ) -> StatusQuestion.Standing {
        guard let channel = audience.channel(question.name), audience.isWaiting(viewer, with: question) else {
            return .apart
        }
        return channel.state.sync.hasReached(state.position) ? .past(channel.state.snapshot ?? state) : .before
    }

    // MARK: Answers

    private func answer(_ question: Question, _ viewer: any Viewer, _ state: Delivery) {
        // By now the loop may have heard of another owner than the stored state has.
        if let channel = takeIn(question, viewer), !viewer.mayWatch(channel.name, owner: channel.state.owner) {
            audience.unseat(viewer.subscriber, from: channel, noLonger: .updates)
            channels.closeIfUnwatched(channel)
            return viewer.refuseToShow(question.name, request: question.request)
        }
        viewer.say(.taskUpdate(state, request: question.request))
    }

    /// Where the viewer waits in the channel, makes it a member, which gets every change; returns the channel.
    private func takeIn(_ question: Question, _ viewer: any Viewer) -> Channel? {
        guard let channel = audience.channel(question.name),
            let joiner = audience.remove(viewer, with: question, about: channel)
        else { return nil }
        admission.makeMember(joiner, of: channel)
        return channel
    }

    private func hide(_ question: Question, _ viewer: any Viewer) {
        if let channel = audience.channel(question.name),
            audience.remove(viewer, with: question, about: channel) != nil
        {
            channels.closeIfUnwatched(channel)
        }
        viewer.refuseToShow(question.name, request: question.request)
    }
}
