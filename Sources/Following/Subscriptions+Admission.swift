import Dialects
import EventLoop
import Events
import Hub
import RESP
import Redis
import Telemetry

/// Admits viewers to channels, as ``ChannelState`` decides.
extension Subscriptions {
    /// Admits a viewer to a channel, in its turn.
    func admit(_ joiner: Joiner, to channel: Channel) {
        perform(channel.state.admit(joiner.newcomer, isBehind: joiner.viewer.isBehind), joiner, channel)
    }

    /// Admits a viewer whose turn has come. It does not check again whether the viewer is behind: then the viewer would
    /// wait behind the others again.
    private func comeIn(_ joiner: Joiner, _ channel: Channel) {
        perform(channel.state.comeIn(joiner.newcomer), joiner, channel)
    }

    private func perform(_ entrance: ChannelState.Entrance, _ joiner: Joiner, _ channel: Channel) {
        switch entrance {
        case .wait: wait(joiner, for: channel)
        case .pace: pace(joiner, channel)
        case .enter(let recovered): enter(joiner, channel, recovered: recovered)
        case .replay(let messages, let reach): replay(messages, upTo: reach, to: joiner, channel)
        case .readHistory(let since):
            joiner.viewer.replay(isUnderWay: true)
            readHistory(for: joiner, channel, since)
        case .readHistoryLater(let since): readHistoryLater(for: joiner, channel, since)
        case .askAgain:
            wait(joiner, for: channel)
            perform(channel.state.askAgain(), on: channel)
        case .refuse: refuse(joiner, channel.name)
        }
    }

    // MARK: Waiting

    @discardableResult
    func wait(_ joiner: Joiner, for channel: Channel, _ cause: Joiner.Cause = .channel) -> UInt64 {
        var joiner = joiner
        joiner.waitsFor = cause
        return waiting.add(joiner, of: ObjectIdentifier(joiner.viewer.subscriber), for: channel)
    }

    /// Admits a viewer once its connection has taken what was sent before.
    func pace(_ joiner: Joiner, _ channel: Channel) {
        let ticket = wait(joiner, for: channel, .connection)
        let isTaken = joiner.viewer.whenCaughtUp { [weak self, weak channel] in
            guard let self, let channel, waiting.remove(ticket) else { return }
            comeIn(joiner, channel)
        }
        guard !isTaken, waiting.remove(ticket) else { return }
        closeIfUnwatched(channel)
        let fault = Fault(.rateLimited, "too much is asked for at once", subject: channel.name)
        joiner.viewer.say(.fault(fault, request: joiner.request))
    }

    /// Tells a viewer that it cannot follow the channel.
    func refuse(_ joiner: Joiner, _ name: ChannelName) {
        guard !name.isPersonal, joiner.question?.isAnswered != true else { return }
        joiner.question?.isAnswered = true
        let fault = Fault(.unavailable, "this channel cannot be followed now", subject: name)
        joiner.viewer.say(.fault(fault, request: joiner.request))
    }

    // MARK: What a viewer missed

    /// Reads the next portion of what the viewer missed. The channel goes on meanwhile.
    private func readHistory(for joiner: Joiner, _ channel: Channel, _ since: Position) {
        let ticket = wait(joiner, for: channel, .history)
        store.read(channel.name, since: since, bytes: limits.replayBytes) { [weak self, weak channel] result in
            // The viewer may have left meanwhile.
            guard let self, let channel, waiting.remove(ticket) else {
                return joiner.viewer.replay(isUnderWay: false)
            }
            let answer = try? result.get()
            let entrance = channel.state.didReadHistory(answer, after: since, using: resources)
            perform(entrance, joiner, channel)
            if case .readHistoryLater = entrance { return }
            joiner.viewer.replay(isUnderWay: false)
        }
    }

    private func readHistoryLater(for joiner: Joiner, _ channel: Channel, _ since: Position) {
        let ticket = wait(joiner, for: channel, .history)
        loop.schedule(after: limits.repairMilliseconds) { [weak self, weak channel] in
            guard let self, let channel, waiting.remove(ticket) else {
                return joiner.viewer.replay(isUnderWay: false)
            }
            readHistory(for: joiner, channel, since)
        }
    }

    /// Sends a viewer the next portion of what it missed.
    private func replay(
        _ messages: [RecentEvents.Message], upTo reach: Position, to joiner: Joiner, _ channel: Channel
    ) {
        guard mayEnter(joiner, channel) else { return }
        var joiner = joiner
        let replay = channel.state.replay(
            messages, upTo: reach, to: &joiner.newcomer, at: WallClock.now, using: resources)
        for reason in replay.rejected { reporter.reject(reason, on: channel) }
        if let recovered = replay.recovered { greet(joiner, channel, recovered: recovered) }
        for delivery in replay.deliveries {
            joiner.viewer.say(.delivery(delivery))
            if delivery.event.needsAcknowledgement { joiner.viewer.expectAcknowledgement(of: delivery) }
        }
        switch replay.next {
        case .finish: finish(joiner, channel)
        case .pace: pace(joiner, channel)
        case .askAgain: perform(.askAgain, joiner, channel)
        }
    }

    // MARK: Coming in

    /// Whether the viewer may watch the channel. Tells a viewer that may not.
    private func mayEnter(_ joiner: Joiner, _ channel: Channel) -> Bool {
        let viewer = joiner.viewer
        guard viewer.isListening else { return false }
        guard !channel.name.isPersonal, !viewer.mayWatch(channel.name, owner: channel.state.owner) else { return true }
        closeIfUnwatched(channel)
        viewer.refuseToShow(channel.name, request: joiner.request)
        return false
    }

    /// Sends the viewer its position, then the state, and makes it a member.
    private func enter(_ joiner: Joiner, _ channel: Channel, recovered: Bool?) {
        guard mayEnter(joiner, channel) else { return }
        if joiner.question != nil { return ask(joiner, about: channel) }
        guard !joiner.newcomer.isQuiet else { return seat(joiner, in: channel) }
        if !joiner.newcomer.isReturning { greet(joiner, channel, recovered: recovered) }
        finish(joiner, channel, withState: true)
    }

    private func greet(_ joiner: Joiner, _ channel: Channel, recovered: Bool?) {
        let position = channel.state.sync.position
        joiner.viewer.say(
            .subscribed(channel.name, position: position, recovered: recovered, request: joiner.request))
    }

    /// The viewer has every event that is left. Sends the state where events are lost, and makes the viewer a member.
    private func finish(_ joiner: Joiner, _ channel: Channel, withState: Bool = false) {
        if let message = channel.state.lastWords(for: joiner.newcomer, withState: withState) {
            joiner.viewer.say(message)
        }
        seat(joiner, in: channel)
    }

    /// Makes the viewer a member: it gets every event.
    func seat(_ joiner: Joiner, in channel: Channel, isEntering: Bool = true) {
        perform(channel.state.willSeat(joiner.newcomer, isFirst: channel.memberCount == 0), on: channel)
        hub.join(joiner.viewer.subscriber, channel, taking: joiner.interest)
        viewersDidChange(channel.name)
        if isEntering { joiner.didEnter?() }
    }
}
