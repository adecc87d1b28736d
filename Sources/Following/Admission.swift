import Dialects
import Events
import Hub
import Telemetry

/// Lets viewers into channels, and out. ``ChannelState`` decides how a viewer enters: at once, after what it missed, or
/// later.
final class Admission {
    private let audience: Audience
    private let channels: ChannelDriver
    private let reporter: EventReporter

    init(audience: Audience, channels: ChannelDriver, reporter: EventReporter) {
        self.audience = audience
        self.channels = channels
        self.reporter = reporter
    }

    // MARK: Coming

    /// Lets a viewer follow a channel: now where the channel is live, else as soon as it is.
    func join(_ joiner: Joiner, _ name: ChannelName) { admit(joiner, to: channels.open(name)) }

    /// Admits the viewers that wait for the channel to be live.
    func admitWaiting(to channel: Channel) {
        for joiner in audience.removeWaiting(for: channel, .channel) { admit(joiner, to: channel) }
    }

    /// Admits a viewer to a channel, in its turn.
    private func admit(_ joiner: Joiner, to channel: Channel) {
        perform(channel.state.admit(joiner.newcomer, isBehind: joiner.viewer.isBehind), joiner, channel)
    }

    private func perform(_ entrance: ChannelState.Entrance, _ joiner: Joiner, _ channel: Channel) {
        switch entrance {
        case .wait: audience.wait(joiner, for: channel, .channel)
        case .pace: pace(joiner, channel)
        case .enter(let recovered): enter(joiner, channel, recovered: recovered)
        case .replay(let messages, let reach): replay(messages, upTo: reach, to: joiner, channel)
        case .readHistory(let since):
            joiner.viewer.replay(isUnderWay: true)
            readHistory(for: joiner, channel, since)
        case .readHistoryLater(let since): readHistoryLater(for: joiner, channel, since)
        case .askAgain:
            audience.wait(joiner, for: channel, .channel)
            channels.perform(channel.state.askAgain(), on: channel)
        case .refuse:
            refuse(joiner, channel, .unfollowable)
            // The viewer may have come to a channel that was about to close.
            channels.closeIfUnwatched(channel)
        }
    }

    /// Admits a viewer once its connection has taken what was sent before.
    private func pace(_ joiner: Joiner, _ channel: Channel) {
        // A channel for which a viewer waits stays open, so nothing below needs a weak reference, which would cost the
        // channel 48 bytes for the rest of its life.
        let ticket = audience.wait(joiner, for: channel, .connection)
        let isTaken = joiner.viewer.whenCaughtUp { [weak self] in
            guard let self, audience.remove(ticket) else { return }
            // Not `admit`: it would send a viewer that is behind again to the end of the queue.
            perform(channel.state.comeIn(joiner.newcomer), joiner, channel)
        }
        guard !isTaken, audience.remove(ticket) else { return }
        channels.closeIfUnwatched(channel)
        refuse(joiner, channel, .crowded)
    }

    /// Refuses the viewers that wait for the channel.
    func refuseWaiting(for channel: Channel) {
        for joiner in audience.removeWaiting(for: channel) { refuse(joiner, channel, .unfollowable) }
    }

    /// Tells a viewer that it cannot enter. A client did not ask for its personal channels, so it gets no error about
    /// them.
    private func refuse(_ joiner: Joiner, _ channel: Channel, _ obstacle: Obstacle) {
        guard !channel.name.isPersonal else { return }
        if let question = joiner.question, question.state.receive(.obstructed(obstacle)) == nil { return }
        joiner.viewer.say(.fault(obstacle.fault(channel.name), request: joiner.request))
    }

    // MARK: What a viewer missed

    /// Reads the next portion of what the viewer missed. The channel goes on meanwhile.
    private func readHistory(for joiner: Joiner, _ channel: Channel, _ since: Position) {
        let ticket = audience.wait(joiner, for: channel, .history)
        channels.readHistory(of: channel, after: since) { [weak self] answer in
            // The viewer may have left meanwhile.
            guard let self, audience.remove(ticket) else {
                return joiner.viewer.replay(isUnderWay: false)
            }
            let entrance = channel.state.didReadHistory(answer, after: since, using: channels.resources)
            perform(entrance, joiner, channel)
            if case .readHistoryLater = entrance { return }
            joiner.viewer.replay(isUnderWay: false)
        }
    }

    private func readHistoryLater(for joiner: Joiner, _ channel: Channel, _ since: Position) {
        let ticket = audience.wait(joiner, for: channel, .history)
        channels.afterPause { [weak self] in
            guard let self, audience.remove(ticket) else {
                return joiner.viewer.replay(isUnderWay: false)
            }
            readHistory(for: joiner, channel, since)
        }
    }

    /// Sends a viewer the next portion of what it missed.
    private func replay(
        _ messages: [RecentEvents.Message], upTo reach: Position, to joiner: Joiner, _ channel: Channel
    ) {
        switch welcome(joiner, channel) {
        case .gone: return
        case .stranger: return turnAway(joiner, channel)
        case .asker, .silent, .newcomer, .returning: break
        }
        var joiner = joiner
        let replay = channel.state.replay(
            messages, upTo: reach, to: &joiner.newcomer, at: WallClock.now, using: channels.resources)
        for reason in replay.rejected { reporter.reject(reason, on: channel) }
        if let recovered = replay.recovered { confirm(joiner, channel, recovered: recovered) }
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

    // MARK: Entering

    private func enter(_ joiner: Joiner, _ channel: Channel, recovered: Bool?) {
        switch welcome(joiner, channel) {
        case .gone: break
        case .stranger: turnAway(joiner, channel)
        case .asker: hold(joiner, channel)
        case .silent: seat(joiner, in: channel)
        case .newcomer:
            confirm(joiner, channel, recovered: recovered)
            finish(joiner, channel, withState: true)
        case .returning: finish(joiner, channel, withState: true)
        }
    }

    private func welcome(_ joiner: Joiner, _ channel: Channel) -> Joiner.Welcome {
        let viewer = joiner.viewer
        return joiner.welcome(
            isListening: viewer.isListening,
            mayWatch: channel.name.isPersonal || viewer.mayWatch(channel.name, owner: channel.state.owner))
    }

    /// Tells a viewer that it may not watch the channel.
    private func turnAway(_ joiner: Joiner, _ channel: Channel) {
        channels.closeIfUnwatched(channel)
        joiner.viewer.refuseToShow(channel.name, request: joiner.request)
    }

    private func confirm(_ joiner: Joiner, _ channel: Channel, recovered: Bool?) {
        let position = channel.state.sync.position
        joiner.viewer.say(
            .subscribed(channel.name, position: position, recovered: recovered, request: joiner.request))
    }

    /// The viewer gets no change before the answer to its question.
    private func hold(_ joiner: Joiner, _ channel: Channel) {
        audience.unseat(joiner.viewer.subscriber, from: channel, noLonger: .updates)
        audience.wait(joiner, for: channel, .answer)
        joiner.didEnter?()
    }

    /// The viewer has every event that is left. Sends the state where events are lost, and makes the viewer a member.
    private func finish(_ joiner: Joiner, _ channel: Channel, withState: Bool = false) {
        if let message = channel.state.lastWords(for: joiner.newcomer, withState: withState) {
            joiner.viewer.say(message)
        }
        seat(joiner, in: channel)
    }

    private func seat(_ joiner: Joiner, in channel: Channel) {
        makeMember(joiner, of: channel)
        joiner.didEnter?()
    }

    /// Makes the viewer a member: it gets every event from now on.
    func makeMember(_ joiner: Joiner, of channel: Channel) {
        channels.perform(channel.state.willSeat(joiner.newcomer, isFirst: channel.memberCount == 0), on: channel)
        audience.seat(joiner.viewer, in: channel, taking: joiner.interest)
    }

    // MARK: Leaving

    /// The viewer no longer follows the channel, and gets no changes of its task.
    func leave(_ viewer: any Viewer, _ name: ChannelName, noLonger interest: Interest = [.events, .updates]) {
        guard let channel = audience.channel(name) else { return }
        let stopped = audience.removeWaiting(viewer, for: channel, interest)
        audience.unseat(viewer.subscriber, from: channel, noLonger: interest)
        channels.closeIfUnwatched(channel)
        // The loop answers every viewer that asked, also one that now wants no changes.
        for joiner in stopped where joiner.interest == .updates && joiner.waitsFor != .answer { joiner.didEnter?() }
    }

    /// The viewer's connection is closing: it leaves every channel. Frames already queued for it are still written.
    func leaveAll(_ viewer: any Viewer) {
        for channel in audience.removeAll(of: viewer) { channels.closeIfUnwatched(channel) }
    }

    /// Removes members that are behind. Each comes back in its turn.
    func setAside(from channel: Channel, _ place: ChannelEffect.SetAside) {
        for subscriber in channel.viewers {
            guard let viewer = subscriber.viewer, viewer.isBehind else { continue }
            // The viewer may close before it comes back.
            audience.unseat(subscriber, from: channel, noLonger: .events)
            pace(Joiner(viewer: viewer, request: nil, newcomer: Newcomer(place)), channel)
        }
    }

    /// Removes members that may not watch a task of this owner.
    func putOutStrangers(of channel: Channel) {
        for subscriber in channel.subscribers {
            guard let viewer = subscriber.viewer, viewer.isListening,
                !viewer.mayWatch(channel.name, owner: channel.state.owner)
            else { continue }
            audience.unseat(subscriber, from: channel)
            viewer.refuseToShow(channel.name, request: nil)
        }
        channels.closeIfUnwatched(channel)
    }
}
