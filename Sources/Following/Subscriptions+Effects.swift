import Dialects
import EventLoop
import Events
import Hub
import RESP
import Redis
import Telemetry

/// Performs a channel's effects.
extension Subscriptions {
    func perform(_ effects: ChannelEffects, on channel: Channel) {
        effects.forEach { perform($0, on: channel) }
    }

    private func perform(_ effect: ChannelEffect, on channel: Channel) {
        switch effect {
        case .tell(let delivery): tell(delivery, on: channel)
        case .tellNews(let delivery):
            tell(delivery, on: channel)
            answerQuestions(about: channel)
        case .tellMissed(let count, let position): tellMissed(count, position, on: channel)
        case .answerQuestions: answerQuestions(about: channel)
        case .expectAcknowledgements(let delivery): expectAcknowledgements(of: delivery, on: channel)
        case .putOutStrangers: putOutStrangers(of: channel)
        case .setAside(let place): setAside(channel, place)
        case .letIn: letInThoseWhoWait(for: channel)
        case .refuseWaiting:
            for joiner in waiting.removeAll(for: channel, where: { _ in true }) { refuse(joiner, channel.name) }
        case .flush: hub.flush()
        case .read:
            perform(
                channel.state.read(at: loop.now, hasMembers: channel.memberCount > 0, using: resources), on: channel)
        case .readOn: readOn(channel)
        case .ask(let question):
            if channel.attachment != nil { channel.timers.set(.retry, nil) }
            ask(question, about: channel)
        case .begin(let timer, let milliseconds): begin(timer, milliseconds, of: channel)
        case .cancel(let timer): channel.timers.set(timer, nil)
        case .count(let rejection): count(rejection, on: channel)
        case .countBehind: tally.counters.positionsBehind += 1
        case .announcementsMissed: didMissAnnouncements()
        case .close: close(channel)
        }
    }

    // MARK: Telling

    /// Gives a delivery to every member.
    private func tell(_ delivery: Delivery, on channel: Channel) {
        let publishedAt = delivery.position != nil && !delivery.isSnapshot ? delivery.timestamp : nil
        // A message that begins an epoch or reports a gap must not be replaced by one that only has a number.
        let conflatable =
            delivery.event.isConflatable && !delivery.isSnapshot && delivery.epochMark != .changed
            && delivery.missed == 0
        var frames = self.frames.frames(of: .delivery(delivery))
        // Redis' clock may be ahead of this node's.
        if let publishedAt { tally.counters.deliveryMilliseconds.record(UInt64(max(0, frames.now - publishedAt))) }
        hub.fanOut(on: channel, conflatable: conflatable) { frames.frames(in: $0) }
    }

    private func tellMissed(_ count: UInt64, _ position: Position, on channel: Channel) {
        var frames = self.frames.frames(of: .missed(channel.name, count: count, position: position))
        hub.fanOut(on: channel, conflatable: false) { frames.frames(in: $0) }
    }

    /// Sessions of a dialect that acknowledges send the message again until the client has acknowledged it.
    private func expectAcknowledgements(of delivery: Delivery, on channel: Channel) {
        for subscriber in channel.acknowledgingSubscribers {
            subscriber.viewer?.expectAcknowledgement(of: delivery)
        }
    }

    private func count(_ rejection: ChannelEffect.Rejection, on channel: Channel) {
        switch rejection {
        case .forged: tally.counters.eventsForged += 1
        case .afterEnd: tally.counters.eventsAfterEnd += 1
        case .invalid(let reason): reporter.reject(reason, on: channel)
        }
    }

    // MARK: Members

    /// Removes members that are behind. Each comes back in its turn.
    private func setAside(_ channel: Channel, _ place: ChannelEffect.SetAside) {
        for subscriber in channel.viewers {
            guard let viewer = subscriber.viewer, viewer.isBehind else { continue }
            hub.leave(subscriber, channel, noLonger: .events)
            // The viewer may close before it comes back.
            viewersDidChange(channel.name)
            pace(Joiner(viewer: viewer, request: nil, newcomer: Newcomer(place)), channel)
        }
    }

    /// Removes members that may not watch a task of this owner.
    private func putOutStrangers(of channel: Channel) {
        for subscriber in channel.subscribers {
            guard let viewer = subscriber.viewer, viewer.isListening,
                !viewer.mayWatch(channel.name, owner: channel.state.owner)
            else { continue }
            hub.leave(subscriber, channel)
            viewersDidChange(channel.name)
            viewer.refuseToShow(channel.name, request: nil)
        }
        closeIfUnwatched(channel)
    }

    private func letInThoseWhoWait(for channel: Channel) {
        for joiner in waiting.removeAll(for: channel, where: { $0.waitsFor == .channel }) { admit(joiner, to: channel) }
    }

    // MARK: Reading

    private func readOn(_ channel: Channel) {
        let viewersAreBehind = channel.viewers.contains { $0.viewer?.isBehind ?? false }
        let effects = channel.state.readOn(
            viewersAreBehind: viewersAreBehind, at: loop.now, hasMembers: channel.memberCount > 0, using: resources)
        perform(effects, on: channel)
    }

    private func ask(_ question: ChannelQuestion, about channel: Channel) {
        store.read(channel.name, since: question.since, bytes: limits.replayBytes, newEpoch: true) {
            [weak self, weak channel] result in
            guard let self, let channel else { return }
            switch result {
            case .success(let answer):
                let effects = channel.state.didRead(answer, to: question, at: WallClock.now, using: resources)
                perform(effects, on: channel)
            case .failure(let error):
                perform(channel.state.didFail(question, isAway: error.isOfAbsence, using: resources), on: channel)
            }
        }
    }

    private func begin(_ timer: ChannelTimer, _ milliseconds: UInt64, of channel: Channel) {
        channel.timers.set(
            timer,
            loop.schedule(after: milliseconds) { [weak self, weak channel] in
                guard let self, let channel else { return }
                perform(channel.state.isDue(timer, isUnwatched: isUnwatched(channel)), on: channel)
            })
    }

    /// Closes a channel.
    private func close(_ channel: Channel) {
        channel.cancelTimers()
        hub.closeChannel(channel)
        bus.unsubscribe(channel.redisName)
    }
}

extension RedisError {
    /// Whether Redis takes no commands now.
    fileprivate var isOfAbsence: Bool {
        switch self {
        case .notReady, .turnedAway: true
        default: false
        }
    }
}
